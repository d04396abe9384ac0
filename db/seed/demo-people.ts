import type { Language } from '../../server/model/language.ts';
import type { ChurnLight, Tier } from '../../server/model/value.ts';

/** One invented customer of the demonstration; the rest of the file is scattered around it. */
export interface DemoPerson {
  readonly name: string;
  readonly company?: string;
  readonly language?: Language;
  readonly city: string;
  readonly tier: Tier;
  readonly churn: ChurnLight;
  /** Main number first. */
  readonly numbers: readonly string[];
  readonly products: readonly ('motor' | 'home' | 'health' | 'travel' | 'fleet' | 'business')[];
}

/** Forty customers: 4 platinum, 8 gold, 12 silver, 16 bronze; two of them share a landline, one has two numbers. */
export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { name: 'Yasmine Belkacem', language: 'fr', city: 'Hydra, Alger', tier: 'platinum', churn: 'green', numbers: ['+213550000001', '+21321480101'], products: ['motor', 'home', 'health', 'travel'] },
  { name: 'Karim Zerrouki', company: 'Transports Zerrouki SARL', language: 'fr', city: 'Rouiba', tier: 'platinum', churn: 'amber', numbers: ['+213661000002'], products: ['fleet', 'business', 'health'] },
  { name: 'سعاد بن يوسف', language: 'ar', city: 'قسنطينة', tier: 'platinum', churn: 'red', numbers: ['+213770000003'], products: ['motor', 'home', 'health'] },
  { name: 'Nadir Hamdani', company: 'Clinique Ibn Hamdane', language: 'fr', city: 'Oran', tier: 'platinum', churn: 'green', numbers: ['+21341330204'], products: ['business', 'health', 'fleet'] },
  { name: 'Lamia Ferhat', language: 'fr', city: 'Tizi Ouzou', tier: 'gold', churn: 'green', numbers: ['+213551320845'], products: ['motor', 'home', 'travel'] },
  { name: 'Mourad Aït Saïd', language: 'fr', city: 'Béjaïa', tier: 'gold', churn: 'red', numbers: ['+213662718093'], products: ['motor', 'health'] },
  { name: 'محمد الأمين شريف', language: 'ar', city: 'سطيف', tier: 'gold', churn: 'green', numbers: ['+213771264508'], products: ['motor', 'motor', 'home'] },
  { name: 'Sofiane Bouzid', company: 'Bouzid Électroménager', language: 'fr', city: 'Blida', tier: 'gold', churn: 'amber', numbers: ['+21325416677'], products: ['business', 'motor'] },
  { name: 'Emily Carter', language: 'en', city: 'Hassi Messaoud', tier: 'gold', churn: 'green', numbers: ['+213552904417'], products: ['health', 'travel'] },
  { name: 'فاطمة الزهراء قاسمي', language: 'ar', city: 'الجزائر', tier: 'gold', churn: 'green', numbers: ['+213663481920'], products: ['home', 'health'] },
  { name: 'Rachid Mokrani', language: 'fr', city: 'Annaba', tier: 'gold', churn: 'green', numbers: ['+213772559316'], products: ['motor', 'home'] },
  { name: 'Hayet Slimani', company: 'Pharmacie Slimani', language: 'fr', city: 'Tlemcen', tier: 'gold', churn: 'green', numbers: ['+21343204855'], products: ['business', 'motor'] },
  // Husband and wife on one landline: a number identifies a line, not a person.
  { name: 'Amar Djebbar', language: 'fr', city: 'Bab Ezzouar, Alger', tier: 'silver', churn: 'green', numbers: ['+21321247730'], products: ['motor', 'home'] },
  { name: 'Nassima Djebbar', language: 'ar', city: 'Bab Ezzouar, Alger', tier: 'silver', churn: 'amber', numbers: ['+21321247730'], products: ['health'] },
  { name: 'Walid Benhaddou', language: 'fr', city: 'Mostaganem', tier: 'silver', churn: 'green', numbers: ['+213553617482'], products: ['motor'] },
  { name: 'إبراهيم بوعلام', language: 'ar', city: 'باتنة', tier: 'silver', churn: 'green', numbers: ['+213664205731'], products: ['motor', 'travel'] },
  { name: 'Sabrina Ouyahia', language: 'fr', city: 'Bouira', tier: 'silver', churn: 'green', numbers: ['+213773846029'], products: ['motor', 'health'] },
  { name: 'Toufik Rahmani', language: 'ar', city: 'Médéa', tier: 'silver', churn: 'red', numbers: ['+213554092865'], products: ['motor', 'home'] },
  { name: 'Leïla Guerroudj', language: 'fr', city: 'Sidi Bel Abbès', tier: 'silver', churn: 'green', numbers: ['+213665730148'], products: ['home', 'travel'] },
  { name: 'Anis Khelladi', company: 'Agence Khelladi Voyages', language: 'fr', city: 'Oran', tier: 'silver', churn: 'green', numbers: ['+21341598812'], products: ['travel', 'business'] },
  { name: 'Meriem Tounsi', language: 'fr', city: 'Skikda', tier: 'silver', churn: 'amber', numbers: ['+213774612903'], products: ['motor'] },
  { name: 'عبد القادر مزيان', language: 'ar', city: 'وهران', tier: 'silver', churn: 'green', numbers: ['+213555408176'], products: ['motor', 'home'] },
  { name: 'Daniel Whitfield', language: 'en', city: 'Alger', tier: 'silver', churn: 'green', numbers: ['+213666917254'], products: ['travel', 'health'] },
  { name: 'Farida Chenouf', language: 'fr', city: 'Boumerdès', tier: 'silver', churn: 'green', numbers: ['+213775083461'], products: ['motor', 'health'] },
  { name: 'Hocine Lounis', language: 'fr', city: 'Tizi Ouzou', tier: 'bronze', churn: 'green', numbers: ['+213556231970'], products: ['motor'] },
  { name: 'Samia Kaddour', language: 'fr', city: 'Chlef', tier: 'bronze', churn: 'green', numbers: ['+213667540382'], products: ['motor'] },
  { name: 'يوسف حمادي', language: 'ar', city: 'بسكرة', tier: 'bronze', churn: 'amber', numbers: ['+213776194857'], products: ['motor'] },
  { name: 'Ryma Bensalem', language: 'fr', city: 'Alger', tier: 'bronze', churn: 'green', numbers: ['+213557863204'], products: ['travel'] },
  { name: 'Abdelhak Messaoudi', language: 'ar', city: 'M’Sila', tier: 'bronze', churn: 'green', numbers: ['+213668370915'], products: ['motor'] },
  { name: 'Imène Larbi', language: 'fr', city: 'Guelma', tier: 'bronze', churn: 'red', numbers: ['+213777025648'], products: ['motor'] },
  { name: 'Lotfi Achour', language: 'fr', city: 'Jijel', tier: 'bronze', churn: 'green', numbers: ['+213558496173'], products: ['home'] },
  { name: 'نورة بلقاسم', language: 'ar', city: 'ورقلة', tier: 'bronze', churn: 'green', numbers: ['+213669712086'], products: ['health'] },
  { name: 'Zineb Attia', language: 'fr', city: 'Alger', tier: 'bronze', churn: 'green', numbers: ['+213778350491'], products: ['motor', 'travel'] },
  { name: 'Redouane Saïdi', language: 'fr', city: 'Tiaret', tier: 'bronze', churn: 'amber', numbers: ['+213559618327'], products: ['motor'] },
  { name: 'Ghania Meziane', city: 'Akbou', tier: 'bronze', churn: 'green', numbers: ['+213650247983'], products: ['home'] },
  { name: 'حسين منصوري', language: 'ar', city: 'المسيلة', tier: 'bronze', churn: 'green', numbers: ['+213779583062'], products: ['motor'] },
  { name: 'Kenza Boudiaf', language: 'fr', city: 'Constantine', tier: 'bronze', churn: 'green', numbers: ['+213540719625'], products: ['travel'] },
  { name: 'Sid Ali Hadj', language: 'fr', city: 'Relizane', tier: 'bronze', churn: 'green', numbers: ['+213651864032'], products: ['motor'] },
  { name: 'Nawel Idir', language: 'fr', city: 'Béjaïa', tier: 'bronze', churn: 'green', numbers: ['+21334129906'], products: ['health'] },
  { name: 'Omar Taleb', language: 'ar', city: 'Ghardaïa', tier: 'bronze', churn: 'green', numbers: ['+213770000040'], products: ['motor'] },
];
