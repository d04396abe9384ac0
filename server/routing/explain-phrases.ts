import type { Language } from '../model/language.ts';
import type { ExclusionReason } from '../model/routing.ts';

/** Everything that an explanation of a receipt says in one language. */
export interface Phrases {
  place(facts: { readonly queue: string; readonly position: number; readonly waiting: number; readonly waited: string }): string;
  readonly unknownCaller: string;
  readonly noHeadStart: string;
  headStart(facts: { readonly total: string; readonly parts: readonly string[]; readonly bounded: boolean }): string;
  part(reason: string, duration: string): string;
  /** By the reason of a part; one that is not here is shown as it is. */
  readonly reasons: Readonly<Record<string, string>>;
  onlyCandidate(name: string): string;
  longestIdle(facts: Choice): string;
  equallyIdle(facts: Choice): string;
  languageLetGo(language: string): string;
  readonly languages: Readonly<Record<Language, string>>;
  readonly exclusions: Readonly<Record<ExclusionReason, string>>;
  excluded(reason: string, names: string): string;
  others(count: number): string;
  list(items: readonly string[]): string;
  duration(minutes: number, seconds: number): string;
}

/** The agent who was chosen, among how many, and how long she had been free. */
export interface Choice {
  readonly name: string;
  readonly idle: string;
  readonly candidates: number;
}

const listing = (locale: string) => {
  const format = new Intl.ListFormat(locale, { type: 'conjunction' });
  return (items: readonly string[]): string => format.format(items);
};

/** Minutes and seconds in the short forms of the language, without a part that is 0. */
const durationIn = (locale: string) => {
  const unit = (name: 'minute' | 'second'): Intl.NumberFormat =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short', numberingSystem: 'latn' });
  const [minute, second] = [unit('minute'), unit('second')];
  return (minutes: number, seconds: number): string => [
    ...(minutes > 0 ? [minute.format(minutes)] : []),
    ...(seconds > 0 || minutes === 0 ? [second.format(seconds)] : []),
  ].join(' ');
};

const FR: Phrases = {
  place: ({ queue, position, waiting, waited }) => `L'appel attendait depuis ${waited} dans la file « ${queue} », à la place ${position} sur ${waiting}.`,
  unknownCaller: 'Il n\'avait pas d\'avance : la valeur de l\'appelant était inconnue.',
  noHeadStart: 'Il n\'avait pas d\'avance.',
  headStart: ({ total, parts, bounded }) => `Il avait ${total} d'avance : ${FR.list(parts)}${bounded ? ', dans la limite de la file' : ''}.`,
  part: (reason, duration) => `${duration} pour ${reason}`,
  reasons: {
    'tier:platinum': 'le segment platine', 'tier:gold': 'le segment or', 'tier:silver': 'le segment argent', 'tier:bronze': 'le segment bronze',
    'churn-red': 'le risque de départ',
  },
  onlyCandidate: (name) => `${name} était la seule personne libre qui pouvait le prendre.`,
  longestIdle: ({ name, idle, candidates }) => `Parmi ${candidates} personnes libres, ${name} l'était depuis le plus longtemps (${idle}).`,
  equallyIdle: ({ name, idle, candidates }) => `Parmi ${candidates} personnes libres, ${name} et d'autres l'étaient depuis aussi longtemps (${idle}) : l'ordre des identifiants a décidé.`,
  languageLetGo: (language) => `Personne de connecté dans cette file ne parle ${language} : la langue n'a pas été exigée.`,
  languages: { fr: 'le français', ar: 'l\'arabe', en: 'l\'anglais' },
  exclusions: {
    'not-in-queue': 'pas dans cette file', 'lacks-skill': 'sans la compétence demandée', 'lacks-language': 'ne parle pas la langue de l\'appelant',
    offline: 'hors ligne', 'already-offered': 'un autre appel sonnait déjà', 'on-call': 'en communication', 'in-wrap-up': 'en clôture d\'appel',
    'on-break': 'en pause', 'declined-this-call': 'avait déjà décliné cet appel', 'assigned-in-this-decision': 'venait de recevoir un appel mieux placé',
  },
  excluded: (reason, names) => `Écartés (${reason}) : ${names}.`,
  others: (count) => (count === 1 ? '1 autre' : `${count} autres`),
  list: listing('fr'),
  duration: durationIn('fr'),
};

const EN: Phrases = {
  place: ({ queue, position, waiting, waited }) => `The call had waited ${waited} in the queue “${queue}”, at place ${position} of ${waiting}.`,
  unknownCaller: 'It had no head start: the value of the caller was unknown.',
  noHeadStart: 'It had no head start.',
  headStart: ({ total, parts, bounded }) => `It had a head start of ${total}: ${EN.list(parts)}${bounded ? ', within the limit of the queue' : ''}.`,
  part: (reason, duration) => `${duration} for ${reason}`,
  reasons: {
    'tier:platinum': 'the platinum tier', 'tier:gold': 'the gold tier', 'tier:silver': 'the silver tier', 'tier:bronze': 'the bronze tier',
    'churn-red': 'the risk of leaving',
  },
  onlyCandidate: (name) => `${name} was the only one free who could take it.`,
  longestIdle: ({ name, idle, candidates }) => `Of ${candidates} who were free, ${name} had been so the longest (${idle}).`,
  equallyIdle: ({ name, idle, candidates }) => `Of ${candidates} who were free, ${name} and others had been so equally long (${idle}): the order of their ids decided.`,
  languageLetGo: (language) => `Nobody signed in to this queue speaks ${language}: the language was not required.`,
  languages: { fr: 'French', ar: 'Arabic', en: 'English' },
  exclusions: {
    'not-in-queue': 'not in this queue', 'lacks-skill': 'without the skill required', 'lacks-language': 'does not speak the caller\'s language',
    offline: 'offline', 'already-offered': 'another call was ringing', 'on-call': 'on a call', 'in-wrap-up': 'in wrap-up',
    'on-break': 'on a break', 'declined-this-call': 'had declined this call', 'assigned-in-this-decision': 'had just been given a call before this one',
  },
  excluded: (reason, names) => `Passed over (${reason}): ${names}.`,
  others: (count) => (count === 1 ? '1 other' : `${count} others`),
  list: listing('en'),
  duration: durationIn('en'),
};

const AR: Phrases = {
  place: ({ queue, position, waiting, waited }) => `انتظرت المكالمة ${waited} في طابور «${queue}»، في المرتبة ${position} من ${waiting}.`,
  unknownCaller: 'لم تكن لها أسبقية: قيمة المتصل غير معروفة.',
  noHeadStart: 'لم تكن لها أسبقية.',
  headStart: ({ total, parts, bounded }) => `كانت لها أسبقية قدرها ${total}: ${AR.list(parts)}${bounded ? '، في حدود الطابور' : ''}.`,
  part: (reason, duration) => `${duration} بسبب ${reason}`,
  reasons: {
    'tier:platinum': 'الفئة البلاتينية', 'tier:gold': 'الفئة الذهبية', 'tier:silver': 'الفئة الفضية', 'tier:bronze': 'الفئة البرونزية',
    'churn-red': 'خطر المغادرة',
  },
  onlyCandidate: (name) => `كان المتاح الوحيد القادر على أخذها: ${name}.`,
  longestIdle: ({ name, idle, candidates }) => `من بين المتاحين (${candidates})، صاحب أطول مدة انتظار (${idle}): ${name}.`,
  equallyIdle: ({ name, idle, candidates }) => `من بين المتاحين (${candidates})، تساوت مدة الانتظار (${idle}) فحسم ترتيب المعرّفات: ${name}.`,
  languageLetGo: (language) => `لا أحد من المتصلين بهذا الطابور يتكلم ${language}: لم تُشترط اللغة.`,
  languages: { fr: 'الفرنسية', ar: 'العربية', en: 'الإنجليزية' },
  exclusions: {
    'not-in-queue': 'خارج هذا الطابور', 'lacks-skill': 'دون المهارة المطلوبة', 'lacks-language': 'لا يتكلم لغة المتصل',
    offline: 'غير متصل', 'already-offered': 'كانت مكالمة أخرى ترن', 'on-call': 'في مكالمة', 'in-wrap-up': 'في إنهاء مكالمة',
    'on-break': 'في استراحة', 'declined-this-call': 'سبق أن رفض هذه المكالمة', 'assigned-in-this-decision': 'أُسندت إليه للتو مكالمة أسبق',
  },
  excluded: (reason, names) => `مستبعدون (${reason}): ${names}.`,
  others: (count) => `آخرون: ${count}`,
  list: listing('ar'),
  duration: durationIn('ar'),
};

/** The phrases of each language that pages are shown in. */
export const PHRASES: Readonly<Record<Language, Phrases>> = { fr: FR, ar: AR, en: EN };
