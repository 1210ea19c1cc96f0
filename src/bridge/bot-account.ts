import type { Action } from '../model/action.ts'
import type { Activity } from '../model/activity.ts'
import type { Attempt } from './attempt.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from './ports.ts'
import type { JobResult } from '../model/job-result.ts'
import type { Note } from '../model/note.ts'
import type { OutgoingNote } from '../model/outgoing.ts'
import { visibilityOf } from '../translate/audience.ts'
import { botAnswer, botWordIn, paragraphs, type BotWord } from '../translate/bot-account.ts'
import { displayHandle } from '../model/names.ts'
import { answeredMark } from '../translate/requests.ts'
import { authorOf } from './known-author.ts'
import { isOwnId, newContext, newNoteIds, serverActorId } from './new-ids.ts'
import { perform } from './perform.ts'
import { leaveAloneJob, stoppedMark } from './wishes.ts'

/** Of one account in a day: another program that answers each answer must come to an end. */
const mostAnswered = 10

const done = (changes: readonly Change[]): JobResult => ({ outcome: 'done', changes })

/** From now on nothing of that account is bridged; `by` says what it was that said so. */
function stop({ actor, id }: Activity, by: string, { clock }: Deps): readonly Change[] {
  const mark = { change: 'mark', key: stoppedMark(actor), value: by, at: clock.now() } as const
  return [mark, leaveAloneJob(actor, id)]
}

/** What an Undo takes back: the Block of our own account, by its id or its fields. */
async function isUndoneStop(
  { actor, target }: Activity & { type: 'undo' },
  deps: Deps,
): Promise<boolean> {
  const stopped = await deps.store.findMark(stoppedMark(actor))
  if (stopped === undefined) return false
  const isOfBot = target.type === 'Block' && String(target.object) === serverActorId(deps)
  return isOfBot || (target.id !== undefined && stopped === target.id)
}

async function answer(note: Note, word: BotWord, deps: Deps): Promise<readonly Action[]> {
  const author = await authorOf(note.author, deps)
  const now = deps.clock.now()
  const ids = newNoteIds(deps)
  const lines = botAnswer(word, deps.identity)
  const audience = { to: [author.id], cc: [] }
  const own: OutgoingNote = {
    ...audience,
    ...{ id: ids.object, url: ids.object, author: serverActorId(deps), inReplyTo: note.id },
    ...{ content: paragraphs(lines), source: lines.join('\n\n'), published: now },
    context: note.context ?? newContext(deps),
    mentions: [{ actorId: author.id, name: displayHandle(author) }],
    ...{ hashtags: [], emojis: [], attachments: [], sensitive: false },
  }
  const key = `${answeredMark(author.id, now)}${note.id}`
  return [
    { do: 'commit', changes: [{ change: 'mark', key, value: '', at: now }] },
    {
      do: 'publish',
      activity: { type: 'create', id: ids.activity, actor: own.author, note: own, ...audience },
      recipients: [author.id],
      toFollowers: false,
      inboxes: [],
      order: own.context,
    },
  ]
}

/** Programs are answered only where they know what they want: two that answer anything never end. */
async function wordOf(note: Note, deps: Deps): Promise<BotWord | undefined> {
  const word = botWordIn(note.content)
  const { kind, followers } = await authorOf(note.author, deps)
  if (word === 'stop') return word
  // What everybody reads is a mention, and no question.
  if (visibilityOf(note, followers) !== 'direct') return undefined
  if (word !== undefined) return word
  return kind === 'Service' || kind === 'Application' ? undefined : 'help'
}

async function obeyNote(
  activity: Activity & { type: 'create' },
  note: Note,
  { deps, ...attempt }: Attempt & { readonly deps: Deps },
): Promise<JobResult> {
  const word = await wordOf(note, deps)
  if (word === undefined) return { outcome: 'skipped: unwanted', changes: [] }
  const key = stoppedMark(activity.actor)
  const changes: readonly Change[] =
    word === 'stop'
      ? stop(activity, 'stop', deps)
      : word === 'start'
        ? [{ change: 'unmark', key }]
        : []
  const answered = await deps.store.countMarks(answeredMark(activity.actor, deps.clock.now()))
  if (answered >= mostAnswered) return done(changes)
  const told = await perform(await answer(note, word, deps), attempt, deps)
  return done([...told, ...changes])
}

/**
 * What people of the fediverse do with our own account: a Block of it and `stop` keep everything of
 * theirs away from everybody here, `help` is answered. Undefined: it is about somebody else.
 */
export async function receiveForBot(
  activity: Activity,
  attempt: Attempt,
  deps: Deps,
): Promise<JobResult | undefined> {
  const bot = serverActorId(deps)
  switch (activity.type) {
    case 'block':
      return activity.object === bot ? done(stop(activity, activity.id, deps)) : undefined
    case 'undo': {
      if (!(await isUndoneStop(activity, deps))) return undefined
      return done([{ change: 'unmark', key: stoppedMark(activity.actor) }])
    }
    case 'create': {
      const note = activity.object.embedded
      // What is for one of ours as well is theirs to read.
      const ours = [...(note?.to ?? []), ...(note?.cc ?? [])].filter((id) => isOwnId(id, deps))
      const isForBot = ours.length > 0 && ours.every((id) => id === bot)
      return note !== undefined && isForBot
        ? obeyNote(activity, note, { ...attempt, deps })
        : undefined
    }
    default:
      return undefined
  }
}
