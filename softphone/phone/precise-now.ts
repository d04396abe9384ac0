/** Epoch milliseconds with the fraction that the page's clock has: what pop and ring are compared by. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();
