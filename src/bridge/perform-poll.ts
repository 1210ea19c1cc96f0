import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { MatrixAction } from '../model/action.ts'
import { noticeSpeaker } from './perform-message.ts'
import { pollEndContent, pollEndType } from './poll-content.ts'
import { isOurs } from './portals.ts'
import { sendOnce } from './speak.ts'
import { txnIdOf } from './txn.ts'

/** By who sent the poll; of a Matrix user's poll by who may end those of others (MSC3381). */
export async function performEndPoll(
  { roomId, target, text }: MatrixAction & { do: 'end-poll' },
  { isRepeated }: Attempt,
  deps: Deps,
): Promise<readonly Change[]> {
  const mark = `poll ended ${roomId} ${target}`
  const mapping = await deps.store.findMappingByEvent(roomId, target)
  if (mapping === undefined || (await deps.store.findMark(mark)) !== undefined) return []
  const { sender: asker } = mapping
  const sender = isOurs(asker, deps) ? asker : await noticeSpeaker(roomId, deps)
  if (sender === undefined) return []
  const txnId = txnIdOf(sender, roomId, target, 'poll end')
  const message = { type: pollEndType, txnId, content: pollEndContent(target, text) }
  await sendOnce(sender, roomId, { message, isRepeated, deps })
  return [{ change: 'mark', key: mark, value: '', at: deps.clock.now() }]
}
