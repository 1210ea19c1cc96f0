import { createHash } from 'node:crypto'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { EventId, RoomId } from '../model/ids.ts'
import type { MessageMedia, MessageText } from '../model/action.ts'

export type Shown = {
  readonly roomId: RoomId
  readonly target: EventId
  readonly text: MessageText
  readonly media?: MessageMedia
}

/** What a message shows now: a new count of votes, for one, is an Update of the same words. */
export function shownMark(
  { roomId, target, text, media }: Shown,
  { clock }: Pick<Deps, 'clock'>,
): Change & { change: 'mark' } {
  const { msgtype, body, html } = text
  const file = media === undefined ? [] : [media.attachment.url, media.spoiler ?? null]
  const value = createHash('sha256')
    .update(JSON.stringify([msgtype, body, html, ...file]))
    .digest('base64')
  return { change: 'mark', key: `shown ${roomId} ${target}`, value, at: clock.now() }
}

export async function isShown(shown: Shown, deps: Deps): Promise<boolean> {
  const { key, value } = shownMark(shown, deps)
  return (await deps.store.findMark(key)) === value
}
