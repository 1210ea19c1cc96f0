import type { CheckName, Finding } from '../model/finding.ts'
import type { Trouble } from '../model/trouble.ts'

type Words = { readonly what: string; readonly why: string; readonly mend: string }

export const ok = (check: CheckName, what: string): Finding => ({ check, result: 'ok', what })

export const skipped = (check: CheckName, what: string): Finding => ({
  check,
  result: 'skipped',
  what,
})

export const failed = (check: CheckName, trouble: Trouble, words: Words): Finding => ({
  check,
  result: 'failed',
  trouble,
  ...words,
})

export const warning = (check: CheckName, trouble: Trouble, words: Words): Finding => ({
  check,
  result: 'warning',
  trouble,
  ...words,
})
