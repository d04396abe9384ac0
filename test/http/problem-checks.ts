import assert from 'node:assert/strict';

/** Checks that an answer is a problem document (RFC 9457) that tells nothing of our insides. */
export async function assertProblem(response: Response, status: number, code: string): Promise<{ readonly detail?: string; readonly instance: string }> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get('Content-Type') ?? '', /^application\/problem\+json/);
  assert.equal(response.headers.get('Cache-Control'), 'no-store');
  const problem = JSON.parse(text) as { type: string; title: string; status: number; code: string; detail?: string; instance: string };
  assert.equal(problem.code, code);
  assert.equal(problem.status, status);
  assert.equal(problem.type, 'about:blank');
  assert.ok(problem.title.length > 0);
  assert.match(problem.instance, /^urn:uuid:/);
  assert.doesNotMatch(text, /node_modules|\.ts\b|stack|at \w+ \(/);
  return problem;
}
