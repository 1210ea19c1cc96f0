import { everybody } from '../fakes/fediverse.ts'
import { someAccount } from './acts-fediverse.ts'
import { someUser } from './acts-matrix.ts'
import type { Act, Stage } from './stage.ts'
import { bot } from './world.ts'

/** The room and the id of the group, once it is one. */
async function groupOf({ world, ledger }: Stage) {
  const { roomId } = ledger.group
  const group = roomId === undefined ? undefined : await world.store.findGroupByRoom(roomId)
  return roomId === undefined || group === undefined ? undefined : { roomId, id: group.id }
}

/** First the room, then the group. */
export const openGroup: Act = async (stage) => {
  const { users, ledger, isAway } = stage
  const [owner, ...others] = users
  if (owner === undefined || isAway('homeserver')) return undefined
  if (ledger.group.roomId === undefined) {
    const roomId = owner.createRoom({ preset: 'public_chat', name: 'Everybody' })
    for (const other of others) other.join(roomId)
    owner.invite(roomId, bot)
    ledger.group.roomId = roomId
    return `${owner.userId} makes ${roomId}`
  }
  if ((await groupOf(stage)) !== undefined) return undefined
  owner.say(ledger.group.roomId, '!ap group open everybody')
  return `${owner.userId} opens ${ledger.group.roomId}`
}

/** The last of them never does. */
export const agreeToAppear: Act = async (stage) => {
  const [user, group] = [someUser(stage), await groupOf(stage)]
  const { willing } = stage.ledger.group
  if (user === undefined || group === undefined || user === stage.users.at(-1)) return undefined
  if (willing.has(user.userId)) return undefined
  willing.add(user.userId)
  user.say(group.roomId, '!ap group in')
  return `${user.userId} agrees to appear`
}

export const speakInGroup: Act = async (stage) => {
  const { world, ledger } = stage
  const [user, group] = [someUser(stage), await groupOf(stage)]
  if (user === undefined || group === undefined) return undefined
  const isSure = await world.store.hasConsent(group.roomId, user.userId)
  const isWilling = ledger.group.willing.has(user.userId)
  const [mark, at] = [ledger.nextMark(), world.time.now()]
  const eventId = user.say(group.roomId, `said ${mark}`)
  const isIn = isSure ? 'yes' : isWilling ? 'maybe' : 'no'
  ledger.group.said.push({ mark, at, by: user, eventId, isIn })
  return `${user.userId} says ${mark} in the group (${isIn})`
}

export const followGroup: Act = async (stage) => {
  const [account, group] = [someAccount(stage), await groupOf(stage)]
  const { follows } = stage.ledger.group
  if (account === undefined || group === undefined) return undefined
  if (follows.some((follow) => follow.account === account)) return undefined
  const sent = account.follow(group.id)
  follows.push({ account, id: sent.id })
  stage.world.senders.send(sent)
  return `${account.handle} follows the group`
}

export const nameGroup: Act = async (stage) => {
  const [account, group] = [someAccount(stage), await groupOf(stage)]
  if (account === undefined || group === undefined) return undefined
  const mark = stage.ledger.nextMark()
  const extra = { audience: group.id, to: [everybody], cc: [group.id] }
  const sent = account.post({ content: `to all ${mark}`, extra })
  stage.ledger.group.named.push({ mark, at: stage.world.time.now(), by: account, sent })
  stage.world.senders.send(sent)
  return `${account.handle} writes ${mark} to the group`
}
