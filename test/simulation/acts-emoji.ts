import type { Document, Sent } from '../fakes/fediverse.ts'
import { someRead } from './acts-fediverse.ts'
import { someLikable } from './acts-matrix.ts'
import type { Act } from './stage.ts'

const party = '🎉'
const custom = ':blob:'
const picture = 'mxc://hs.test/blob'

const tagFor = (host: string): Document => ({
  type: 'Emoji',
  id: null,
  name: custom,
  icon: { type: 'Image', url: `https://${host}/emoji/blob.png` },
})

/** As Pleroma, Akkoma and Misskey tell them. */
export const reactToPost: Act = async (stage) => {
  const read = someRead(stage)
  if (read === undefined) return undefined
  const { account, written, object } = read
  const { chance, ledger, world } = stage
  const key = chance.pick([party, custom]) ?? party
  if (ledger.likesIn.some((l) => l.account === account && l.of === written && l.key === key))
    return undefined
  const plain = account.emojiReact(object, key).activity
  const type = chance.pick(['EmojiReact', 'Like'] as const)
  const tag = key === custom ? { tag: [tagFor(account.host)] } : {}
  const misskey = type === 'Like' ? { _misskey_reaction: key } : {}
  const sent: Sent = account.sign({ ...plain, type, ...tag, ...misskey })
  world.senders.send(sent)
  ledger.likesIn.push({ account, of: written, sent, key })
  return `${account.handle} reacts to ${written.mark} with ${key} by ${String(type)}`
}

export const reactWithEmoji: Act = async (stage) => {
  const found = await someLikable(stage)
  if (found === undefined) return undefined
  const { user, post: of, roomId } = found
  const key = stage.chance.pick([party, custom]) ?? party
  const relation = { rel_type: 'm.annotation', event_id: found.eventId }
  const eventId =
    key === party
      ? user.react(roomId, found.eventId, key)
      : user.send(
          roomId,
          { 'm.relates_to': { ...relation, key: picture }, shortcode: custom },
          'm.reaction',
        )
  stage.ledger.likesOut.push({ by: user, of, roomId, eventId, content: key, isUndone: false })
  return `${user.userId} reacts to ${of.mark} with ${key}`
}
