import { answersTarget } from './answers.ts'
import { commandsTarget } from './commands.ts'
import { configTarget } from './config.ts'
import { htmlForFediverse, htmlForMatrix } from './html.ts'
import { inboxTarget } from './inbox.ts'
import { signaturesTarget } from './signatures.ts'
import type { Target } from './target.ts'
import { transactionsTarget } from './transactions.ts'
import { wholeTarget } from './whole.ts'

/** Everything that hostile inputs reach. */
export const targets: readonly Target[] = [
  ...[inboxTarget, transactionsTarget, answersTarget, htmlForMatrix, htmlForFediverse],
  ...[configTarget, commandsTarget, signaturesTarget, wholeTarget],
]

/** How many of so many inputs are a target's: each gets one at least. */
export const inputsOf = ({ share }: Target, all: number): number =>
  Math.max(1, Math.round((all * share) / 1_000))
