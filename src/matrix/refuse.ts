import type { Response } from 'express'

export type Refusal = { readonly status: number; readonly errcode: string; readonly error: string }

/** Answers with an error as Matrix writes them. */
export const refuse = (res: Response, { status, errcode, error }: Refusal): void => {
  res.status(status).json({ errcode, error })
}

/** A question that took longer than the homeserver may be kept waiting. */
export const tooLate: Refusal = {
  status: 500,
  errcode: 'M_UNKNOWN',
  error: 'Not found out in time',
}
