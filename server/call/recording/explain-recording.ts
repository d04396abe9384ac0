import type { Language } from '../../model/language.ts';
import type { RecordingDecision } from './decide-recording.ts';

type Words = Readonly<Record<Extract<RecordingDecision, { kind: 'record' }>['because'] | Extract<RecordingDecision, { kind: 'skip' }>['reason'], string>>;

const FR: Words = {
  asked: 'La conversation est enregistrée : quelqu\'un l\'a demandé.',
  automatic: 'La conversation est enregistrée : la règle de la file le prévoit.',
  'policy-never': 'La conversation n\'est pas enregistrée : aucune règle ne le permet.',
  'customer-refused': 'La conversation n\'est pas enregistrée : la fiche du client dit qu\'il refuse.',
  'caller-refused': 'La conversation n\'est pas enregistrée : l\'appelant a refusé pendant l\'appel.',
  'consent-unavailable': 'La conversation n\'est pas enregistrée : la fiche du client n\'a pas pu être lue, donc son accord n\'est pas connu.',
  'not-announced': 'La conversation n\'est pas enregistrée : l\'appelant n\'a pas entendu l\'annonce.',
  'on-demand-only': 'La conversation n\'est pas enregistrée d\'office : la règle de la file attend qu\'on le demande.',
  'not-in-sample': 'La conversation n\'est pas enregistrée : elle ne fait pas partie de l\'échantillon.',
};

const AR: Words = {
  asked: 'المحادثة مسجَّلة لأن أحدهم طلب ذلك.',
  automatic: 'المحادثة مسجَّلة لأن قاعدة الطابور تنصّ على ذلك.',
  'policy-never': 'المحادثة غير مسجَّلة: لا توجد قاعدة تسمح بذلك.',
  'customer-refused': 'المحادثة غير مسجَّلة: ملف الزبون يقول إنه يرفض.',
  'caller-refused': 'المحادثة غير مسجَّلة: رفض المتصل أثناء المكالمة.',
  'consent-unavailable': 'المحادثة غير مسجَّلة: تعذّرت قراءة ملف الزبون، فموافقته غير معروفة.',
  'not-announced': 'المحادثة غير مسجَّلة: لم يسمع المتصل الإعلان.',
  'on-demand-only': 'المحادثة غير مسجَّلة تلقائيًا: قاعدة الطابور تنتظر طلبًا.',
  'not-in-sample': 'المحادثة غير مسجَّلة: ليست ضمن العيّنة.',
};

const EN: Words = {
  asked: 'The conversation is recorded: somebody asked for it.',
  automatic: 'The conversation is recorded: the rule of the queue says so.',
  'policy-never': 'The conversation is not recorded: no rule allows it.',
  'customer-refused': 'The conversation is not recorded: the customer\'s file says that she refuses.',
  'caller-refused': 'The conversation is not recorded: the caller refused during the call.',
  'consent-unavailable': 'The conversation is not recorded: the customer\'s file could not be read, so her consent is not known.',
  'not-announced': 'The conversation is not recorded: the caller did not hear the announcement.',
  'on-demand-only': 'The conversation is not recorded by itself: the rule of the queue waits for somebody to ask.',
  'not-in-sample': 'The conversation is not recorded: it is not in the sample.',
};

const WORDS: Readonly<Record<Language, Words>> = { fr: FR, ar: AR, en: EN };

/** "Why is this recorded, or not?", in one sentence, for agents and supervisors. */
export const explainRecording = (decision: RecordingDecision, language: Language): string =>
  WORDS[language][decision.kind === 'record' ? decision.because : decision.reason];
