/**
 * Hard English numbers, by hand.
 * @remarks British usage: "and" before what is under a hundred, hyphens from twenty-one to ninety-nine
 *   (New Hart's Rules, numbers in words).
 */
export const ENGLISH_NUMBERS: readonly (readonly [number, string])[] = [
  [0, 'zero'], [1, 'one'], [4, 'four'], [8, 'eight'], [10, 'ten'], [11, 'eleven'], [12, 'twelve'], [13, 'thirteen'], [14, 'fourteen'], [15, 'fifteen'],
  [18, 'eighteen'], [19, 'nineteen'], [20, 'twenty'], [21, 'twenty-one'], [30, 'thirty'], [40, 'forty'], [44, 'forty-four'], [50, 'fifty'],
  [55, 'fifty-five'], [80, 'eighty'], [88, 'eighty-eight'], [90, 'ninety'], [99, 'ninety-nine'], [100, 'one hundred'], [101, 'one hundred and one'],
  [105, 'one hundred and five'], [110, 'one hundred and ten'], [111, 'one hundred and eleven'], [120, 'one hundred and twenty'],
  [199, 'one hundred and ninety-nine'], [200, 'two hundred'], [215, 'two hundred and fifteen'], [300, 'three hundred'], [342, 'three hundred and forty-two'],
  [500, 'five hundred'], [808, 'eight hundred and eight'], [900, 'nine hundred'], [999, 'nine hundred and ninety-nine'], [1_000, 'one thousand'],
  [1_001, 'one thousand and one'], [1_005, 'one thousand and five'], [1_010, 'one thousand and ten'], [1_099, 'one thousand and ninety-nine'],
  [1_100, 'one thousand one hundred'], [1_101, 'one thousand one hundred and one'], [1_999, 'one thousand nine hundred and ninety-nine'],
  [2_000, 'two thousand'], [2_040, 'two thousand and forty'], [2_400, 'two thousand four hundred'], [9_999, 'nine thousand nine hundred and ninety-nine'],
  [10_000, 'ten thousand'], [10_001, 'ten thousand and one'], [11_011, 'eleven thousand and eleven'], [12_500, 'twelve thousand five hundred'],
  [20_020, 'twenty thousand and twenty'], [40_000, 'forty thousand'], [99_099, 'ninety-nine thousand and ninety-nine'],
  [100_000, 'one hundred thousand'], [100_001, 'one hundred thousand and one'], [100_100, 'one hundred thousand one hundred'],
  [101_000, 'one hundred and one thousand'], [101_001, 'one hundred and one thousand and one'], [110_110, 'one hundred and ten thousand one hundred and ten'],
  [200_002, 'two hundred thousand and two'], [350_350, 'three hundred and fifty thousand three hundred and fifty'], [500_000, 'five hundred thousand'],
  [912_048, 'nine hundred and twelve thousand and forty-eight'], [999_999, 'nine hundred and ninety-nine thousand nine hundred and ninety-nine'],
  [1_000_000, 'one million'], [1_000_001, 'one million and one'], [1_000_100, 'one million one hundred'], [1_001_000, 'one million one thousand'],
  [1_001_001, 'one million one thousand and one'], [2_000_000, 'two million'], [101_000_000, 'one hundred and one million'],
  [1_234_567, 'one million two hundred and thirty-four thousand five hundred and sixty-seven'], [-1, 'minus one'], [-1_005, 'minus one thousand and five'],
];
