import type { Answer, Command, CommandContext } from './command.ts'
import type { Fate, MessageFate, ServerFate } from '../bridge/message-fate.ts'
import type { JobFate } from '../model/job.ts'
import { fateOfMessage } from '../bridge/message-fate.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { safeName } from '../model/names.ts'
import { reasonIn } from './reason.ts'
import { timeOf } from '../model/dates.ts'

/** Servers that are named one by one. */
const mostNamed = 20
const longestAddress = 500

type Bridged = MessageFate & { readonly kind: 'bridged' }

const because = (error: string | undefined): string =>
  error === undefined ? '' : `: ${reasonIn(error)}`

function waitingLine(fate: JobFate & { readonly state: 'waiting' }, now: number): string {
  const { attempts, nextTry, isAtWork, error } = fate
  if (isAtWork) return 'it is on its way now'
  const next = nextTry > now ? `tried again on ${timeOf(nextTry)}` : 'waits for its turn'
  return attempts === 0 && error === undefined ? next : `${next}${because(error)}`
}

function wordsOf(fate: Fate, now: number): string {
  switch (fate.state) {
    case 'done':
      return `arrived on ${timeOf(fate.at)}`
    case 'waiting':
      return waitingLine(fate, now)
    case 'failed':
      return `given up on ${timeOf(fate.at)}${because(fate.error)}`
    case 'dropped':
      return `given up on ${timeOf(fate.at)}: it had failed for seven days`
    case 'stopped':
      return 'kept back by a block'
    case 'untried':
      return 'not sent: it had failed for days, or is blocked'
    case 'unknown':
      return 'too long ago to be known'
    default:
      return fate satisfies never
  }
}

/** How many fare how, in words. */
const groups = [
  [['done'], 'have it'],
  [['waiting'], 'wait'],
  [['failed', 'dropped', 'untried', 'stopped'], 'do not get it'],
  [['unknown'], 'not known any more'],
] as const

function countLine({ servers, isCut }: Bridged): string {
  if (servers.length === 0)
    return 'It went to no other server: nobody there follows its author, or is named in it.'
  const counts = groups.flatMap(([states, words]) => {
    const isThis = ({ fate }: ServerFate) => states.some((state) => state === fate.state)
    const { length } = servers.filter(isThis)
    return length === 0 ? [] : [`${length} ${length === 1 ? singular[words] : words}`]
  })
  if (servers.length === 1) return 'It goes to one server:'
  return `Of ${isCut ? 'the first ' : ''}${servers.length} servers, ${counts.join(', ')}.`
}

const singular = {
  'have it': 'has it',
  wait: 'waits',
  'do not get it': 'does not get it',
  'not known any more': 'is not known any more',
} as const

function serverLines(servers: readonly ServerFate[], now: number): readonly string[] {
  const lines = servers
    .slice(0, mostNamed)
    .map(({ host, fate }) => `${host}: ${wordsOf(fate, now)}`)
  return servers.length > mostNamed ? [...lines, `and ${servers.length - mostNamed} more`] : lines
}

/** Who else reads a post is known to its author, and to the admin. */
async function isForThem({ post }: Bridged, { sender, deps }: CommandContext): Promise<boolean> {
  if (deps.permissionOf(sender) === 'admin') return true
  const own = await deps.store.findLocalActorByUser(sender)
  return own !== undefined && own.id === post?.author
}

async function bridgedAnswer(found: Bridged, context: CommandContext): Promise<Answer> {
  const { mapping, post, servers } = found
  const { deps } = context
  const address = safeName(String(mapping.remoteId).replaceAll('`', "'"), longestAddress)
  const ids = [`On Matrix: \`${mapping.eventId}\``, `On the fediverse: ${address}`]
  if (post?.deletedAt !== undefined) ids.push(`Deleted on ${timeOf(post.deletedAt)}.`)
  if (post === undefined) return { text: ids.join('\n') }
  if (!post.isLocal) {
    const from = `It came from ${await handleOfActor(post.author, deps)}.`
    return { text: [...ids, from].join('\n') }
  }
  if (!(await isForThem(found, context)))
    return { text: [...ids, 'Its author can ask where it arrived.'].join('\n') }
  const now = deps.clock.now()
  return { text: [...ids, countLine(found), ...serverLines(servers, now)].join('\n') }
}

function aloneLine(fate: JobFate | undefined, now: number): string {
  if (fate?.state === 'waiting') return `It is not on the fediverse yet: ${waitingLine(fate, now)}.`
  if (fate?.state === 'failed')
    return `It is not on the fediverse: ${wordsOf(fate, now)}. The admin can try it again.`
  return 'It is on Matrix alone: it did not go to the fediverse and did not come from there, or it was deleted.'
}

const notDone = {
  held: 'It is not sent yet: react with ✅ to send it.',
  draft: 'It is not sent yet: it waits for what you send next, to become one post with it.',
} as const

export const status: Command = {
  name: 'status',
  args: '',
  help: 'Says of the message that you reply to where it stands, and which servers have it.',
  more: 'Write it as a reply, in other rooms than the chat with me after the prefix. Servers are named to the author of a post alone, and to admins. What was sent is known for 30 days.',
  examples: ['status'],
  group: 'Talk',
  permission: 'follow',
  takes: [0, 0],
  doing: () => 'Looking where it arrived.',
  run: async (_, context) => {
    const { message, deps } = context
    const { replyTo, isFallback } = message.relation
    if (replyTo === undefined || isFallback)
      return {
        text: `Reply with \`${deps.identity.commandPrefix} status\` to the message that you mean.`,
      }
    const found = await fateOfMessage({ roomId: message.roomId, eventId: replyTo }, deps)
    if (found.kind === 'bridged') return bridgedAnswer(found, context)
    if (found.kind === 'alone') return { text: aloneLine(found.fate, deps.clock.now()) }
    return { text: notDone[found.kind] }
  },
}
