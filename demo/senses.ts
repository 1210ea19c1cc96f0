import type { ReceivedActivity } from '../test/e2e/support/control-peer.ts'
import type { MatrixEvent } from '../test/e2e/support/matrix-client.ts'
import { waitUntil } from '../test/e2e/support/wait.ts'
import type { Stage } from './stage.ts'

/** What both sides see, each asked at its own server; an error when nothing comes in time. */
export type Senses = {
  /** The next activity of that type that the fediverse server took, and that `fits`. */
  receives(type: string, fits?: (activity: ReceivedActivity) => boolean): Promise<ReceivedActivity>
  /** The first event alice sees that `fits`. */
  sees(what: string, fits: (event: MatrixEvent) => boolean): Promise<MatrixEvent>
  /** A message with this text, in that room if one is named. */
  reads(text: string, roomId?: string): Promise<MatrixEvent>
  /**
   * Joins the next room of that kind that alice is invited to. Her notifications may come in
   * between at any time, which are no direct chat, and so may her Space, which is never meant.
   */
  joins(
    kind: 'direct' | 'portal',
  ): Promise<{ readonly roomId: string; readonly name: string; readonly from: string }>
  /** Types a line to the bot; the answer is its first notice that has the expected words. */
  asks(line: string, expected: string): Promise<string>
  waits<T>(what: string, probe: () => Promise<T>): Promise<Exclude<Awaited<T>, undefined | false>>
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The words of a message, the new ones of an edit. */
export const bodyOf = ({ content }: MatrixEvent): string => {
  const edited = content['m.new_content'] as { readonly body?: unknown } | undefined
  return text(edited?.body ?? content['body'])
}

/** The object of an activity where it is embedded. */
export const objectOf = ({ object }: ReceivedActivity): Readonly<Record<string, unknown>> =>
  typeof object === 'object' && object !== null ? { ...object } : { id: object }

/** What a note says, without its markup. */
export const wordsOf = (activity: ReceivedActivity): string =>
  text(objectOf(activity)['content']).replace(/<[^>]*>/g, '')

export const isInvite = (userId: string, { type, state_key, content }: MatrixEvent): boolean =>
  type === 'm.room.member' && state_key === userId && content['membership'] === 'invite'

const isSpace = (roomId: string, events: readonly MatrixEvent[]): boolean =>
  events.some(
    ({ room_id, type, content }) =>
      room_id === roomId && type === 'm.room.create' && content['type'] === 'm.space',
  )

/** Each call waits for an invite of that kind that no call has had. */
function listenForInvites(alice: Stage['alice'], sees: Senses['sees']) {
  const known = new Set<string>()
  return async (kind: 'direct' | 'portal'): Promise<MatrixEvent> => {
    for (;;) {
      const invite = await sees(
        'an invite',
        (event) =>
          isInvite(alice.userId, event) &&
          !known.has(event.room_id) &&
          (event.content['is_direct'] === true) === (kind === 'direct'),
      )
      known.add(invite.room_id)
      if (!isSpace(invite.room_id, await alice.seen())) return invite
    }
  }
}

export function createSenses(
  { alice, botId, fediverse }: Stage,
  management: string,
  timeout: number,
): Senses {
  const waits: Senses['waits'] = (what, probe) => waitUntil(what, probe, timeout)
  const sees: Senses['sees'] = (what, fits) => alice.waitFor(fits, { what, timeout })
  const nextInvite = listenForInvites(alice, sees)
  let heard = 0

  return {
    waits,
    sees,
    receives: (type, fits = () => true) =>
      waits(`the fediverse server took ${type}`, async () => {
        const all = await fediverse.received()
        const at = all.findIndex(
          ({ activity, status }, index) =>
            index >= heard && status < 300 && activity.type === type && fits(activity),
        )
        if (at < 0) return undefined
        heard = at + 1
        return all[at]?.activity
      }),
    reads: (body, roomId) =>
      sees(
        `"${body}"`,
        (event) => bodyOf(event) === body && (roomId === undefined || event.room_id === roomId),
      ),
    async joins(kind) {
      const invite = await nextInvite(kind)
      const roomId = invite.room_id
      await alice.join(roomId)
      const name = (await alice.state(roomId, 'm.room.name')) as { name?: string } | undefined
      return { roomId, name: name?.name ?? '', from: invite.sender }
    },
    async asks(line, expected) {
      await alice.text(management, line)
      const answer = await sees(
        `an answer to "${line}" with "${expected}"`,
        (event) =>
          event.sender === botId &&
          event.room_id === management &&
          bodyOf(event).includes(expected),
      )
      return bodyOf(answer)
    },
  }
}
