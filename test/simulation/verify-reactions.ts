import type { Document } from '../fakes/fediverse.ts'
import type { Arrival, Shown } from './seen.ts'
import type { LikeIn, LikeOut, Posted, Written } from './ledger.ts'
import type { Plan } from './storm.ts'
import type { Stage } from './stage.ts'
import { bot } from './world.ts'

/** What a reaction of ours says, and that its picture is ours to show. */
function isAsGiven({ activity, type }: Arrival, { content }: LikeOut): boolean {
  const said = activity['content']
  if (content === undefined) return type === 'Like' && (said === undefined || said === '👍')
  const [tag] = (activity['tag'] ?? []) as { name?: string; icon?: { url?: string } }[]
  const isNamed = !content.startsWith(':') || tag?.name === content
  return said === content && isNamed
}

/**
 * One Like or EmojiReact for each reaction, and its Undo when it was taken back. What is taken back
 * before the homeserver tells us comes empty: then nothing is told.
 */
export function verifyLikesOut(
  arrived: readonly Arrival[],
  { stage, plan }: { stage: Stage; plan: Plan },
): string[] {
  const { likesOut, blocks } = stage.ledger
  const judge = (of: Posted): string[] => {
    const mine = likesOut.filter((like) => like.of === of)
    if (of.by.host === plan.lost || of.isDeleted) return []
    if (mine.some(({ by }) => blocks.some((b) => b.account === of.by && b.user === by))) return []
    const likes = arrived.filter(
      (a) => (a.type === 'Like' || a.type === 'EmojiReact') && a.object === of.object,
    )
    const undone = arrived.filter(
      (a) => a.type === 'Undo' && JSON.stringify(a.activity).includes(`"${of.object}"`),
    )
    const standing = mine.filter(({ isUndone }) => !isUndone).length
    return [
      ...(likes.length - undone.length === standing && likes.length <= mine.length
        ? []
        : [`${of.mark}: ${standing} likes stand; ${likes.length} told, ${undone.length} undone`]),
      ...(likes.every((a) => a.account === of.by) ? [] : [`${of.mark}: a like leaked`]),
      ...(likes.every((a) => mine.some((like) => isAsGiven(a, like)))
        ? []
        : [
            `${of.mark}: a reaction says ${likes.map((a) => String(a.activity['content'])).join()}`,
          ]),
    ]
  }
  return [...new Set(likesOut.map(({ of }) => of))].flatMap(judge)
}

const countOf = (text: string, key: string): number =>
  Number(
    text
      .split(' · ')
      .map((part) => part.split(' '))
      .find(([shown]) => shown === key)?.[1] ?? 0,
  )

/** What stands below a message and tells of it: a notice, as it reads in the end. */
export function noticesBelow(
  { roomId, eventId }: { readonly roomId: string; readonly eventId: string },
  form: RegExp,
  { shown, stage }: { readonly shown: readonly Shown[]; readonly stage: Stage },
): { readonly count: number; readonly text: string } {
  const timeline: readonly Document[] = stage.world.homeserver.timeline(roomId as never)
  const below = shown.filter(
    (s) =>
      s.roomId === roomId &&
      s.replaces === undefined &&
      form.test(s.text) &&
      JSON.stringify(timeline[s.index]?.['content']).includes(eventId),
  )
  const [first] = below
  const last = first && (shown.findLast((s) => s.replaces === first.eventId) ?? first)
  return { count: below.length, text: last?.text ?? '' }
}

const summaryForm = /^(?:\S+ \d+( · \S+ \d+)*|No reactions any more\.)$/

/** Reactions of ghosts and the number in the summary are together those that stand, of each kind. */
export function verifyLikesIn(shown: readonly Shown[], stage: Stage): string[] {
  const { ledger, world } = stage
  const judge = (written: Written): string[] => {
    const given = ledger.likesIn.filter((l) => l.of === written)
    const isHeard = (l: LikeIn): boolean => !ledger.blocks.some((b) => b.account === l.account)
    if (written.isDeleted || !given.every((l) => l.undoId !== undefined || isHeard(l))) return []
    const reactions = world.homeserver
      .timeline(written.roomId)
      .filter(({ type }) => type === 'm.reaction')
      .map(({ content }) => JSON.stringify(content))
      .filter((content) => content.includes(written.eventId))
    const byBot = shown.filter(({ sender }) => sender === bot)
    const { count, text } = noticesBelow(written, summaryForm, { shown: byBot, stage })
    const wrong = [...new Set(given.map(({ key }) => key))].flatMap((key) => {
      const standing = given.filter((l) => l.key === key && l.undoId === undefined).length
      const counted = countOf(text, key)
      const there = reactions.filter((content) => content.includes(`"${key}"`)).length
      return counted + there === standing
        ? []
        : [`${standing} likes stand, ${counted} counted and ${there} shown (${key})`]
    })
    const many = count > 1 ? [`${count} summaries`] : []
    return [...many, ...wrong].map((problem) => `${written.mark}: ${problem}`)
  }
  return [...new Set(ledger.likesIn.map(({ of }) => of))].flatMap(judge)
}
