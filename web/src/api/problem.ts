/** Every failure a page can show, as one error type: a refused request, a lost connection, a broken answer. */
import type { Problem } from './types';

export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    /** Whether the request may have changed something on the server although it failed. */
    readonly uncertain = false,
  ) {
    super(problem.detail ?? problem.title);
    this.name = 'ApiError';
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string | undefined {
    return this.problem.code;
  }
}

/** Reads an error answer; one that is no problem document becomes one, so that callers see a single shape. */
export async function problemOf(response: Response): Promise<Problem> {
  const requestId = response.headers.get('x-request-id') ?? undefined;
  try {
    const body = (await response.json()) as Partial<Problem>;
    return {
      ...body,
      title: body.title ?? response.statusText,
      status: body.status ?? response.status,
      request_id: body.request_id ?? requestId,
    };
  } catch {
    return { title: `The server answered ${response.status}`, status: response.status, request_id: requestId };
  }
}

export const unreachable: Problem = {
  title: 'The server cannot be reached',
  status: 0,
  code: 'unreachable',
  detail: 'Check your connection, then try again.',
};

export function asProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return { title: error instanceof Error ? error.message : 'Something went wrong', status: 0, code: 'page' };
}

/** One plain sentence for a toast or a field. */
export function sentence(error: unknown): string {
  const problem = asProblem(error);
  return problem.errors?.[0]?.message && problem.status === 422
    ? (problem.detail ?? problem.errors[0].message)
    : (problem.detail ?? problem.title);
}

/** The message for one field of a form, from the problem's `errors` (JSON pointers such as `/name`). */
export function fieldError(error: unknown, field: string): string | undefined {
  const errors = asProblem(error).errors ?? [];
  return errors.find((entry) => entry.pointer === `/${field}` || entry.pointer.endsWith(`/${field}`))?.message;
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
