/** The sixteen keys of DTMF, of which telephones have twelve (ITU-T Q.23). */
export const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'] as const;
export type Digit = (typeof DIGITS)[number];

export const isDigit = (value: unknown): value is Digit => DIGITS.some((digit) => digit === value);
