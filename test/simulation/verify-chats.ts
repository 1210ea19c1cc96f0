import type { Arrival } from './seen.ts'
import type { Document } from '../fakes/fediverse.ts'
import type { Written } from './ledger.ts'
import type { Plan } from './storm.ts'
import { hasChats, type Stage } from './stage.ts'

const notInChats = ['cc', 'inReplyTo', 'context', 'tag', 'replies']

/** What kind of message a private one went out as. */
function verifyMessage(
  written: Written,
  arrived: readonly Arrival[],
  { stage, plan }: { readonly stage: Stage; readonly plan: Plan },
): string[] {
  const told = arrived.filter(
    (a) =>
      (a.type === 'Create' || a.type === 'Update') &&
      [written.mark, ...written.edits].some((mark) => a.content.includes(mark)),
  )
  const kinds = new Set(told.map(({ activity }) => (activity['object'] as Document)['type']))
  if (kinds.size > 1) return [`${written.mark} is ${[...kinds].join(' and ')}`]
  const [first] = told
  if (first === undefined) return []
  const partner = stage.accounts.find(({ id }) => id === written.may[0])
  const isChat = kinds.has('ChatMessage')
  const isOfTwo = written.kind === 'direct' && written.may.length === 1
  const mayChat = isOfTwo && partner !== undefined && hasChats(partner, stage)
  if (isChat && !mayChat) return [`${written.mark} is a chat message, and may not be`]
  const object = first.activity['object'] as Document
  const odd = notInChats.filter((member) => isChat && object[member] !== undefined)
  const isCalm = plan.troubleRate === 0 && plan.absences.length === 0
  // Whoever blocked its author is still somebody in the room.
  const isAlone = !stage.ledger.blocks.some(({ user }) => user === written.by)
  const hasNotes = stage.ledger.posted.some(
    (p) => p.by === partner && p.users.includes(written.by.userId) && !p.isChat,
  )
  return [
    ...odd.map((member) => `${written.mark} is a chat message with ${member}`),
    ...(mayChat && isAlone && isCalm && !hasNotes && !isChat
      ? [`${written.mark} is no chat message`]
      : []),
  ]
}

export const verifyChats = (
  arrived: readonly Arrival[],
  judge: { readonly stage: Stage; readonly plan: Plan },
): string[] =>
  judge.stage.ledger.written.flatMap((written) => verifyMessage(written, arrived, judge))
