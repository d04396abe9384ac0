/** A measured point: `y` depends on `x`, which is asked about, and on `z`, which is not. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/**
 * How much `y` grows with `x` where `z` stays the same, by least squares.
 * @remarks Ordinary regression of y on x and z; where z never changes, the slope of the line that fits best.
 * @throws RangeError for points that do not say it: too few, or x and z going together.
 */
export function slopeOf(points: readonly Point[]): number {
  const xy = covariance(points, 'x', 'y');
  const xx = covariance(points, 'x', 'x');
  const [xz, yz, zz] = [covariance(points, 'x', 'z'), covariance(points, 'y', 'z'), covariance(points, 'z', 'z')];
  const [rise, run] = zz === 0 ? [xy, xx] : [xy * zz - yz * xz, xx * zz - xz * xz];
  if (!(run > 0)) throw new RangeError('the points define no slope');
  return rise / run;
}

function covariance(points: readonly Point[], one: keyof Point, other: keyof Point): number {
  const mean = (of: keyof Point): number => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [meanOne, meanOther] = [mean(one), mean(other)];
  return points.reduce((sum, point) => sum + (point[one] - meanOne) * (point[other] - meanOther), 0);
}
