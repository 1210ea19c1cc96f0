import type { Action } from '../model/action.ts'
import type { Answer, Away, Command, CommandResult } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { MatrixEvent } from '../model/event.ts'
import { isPermitted, notEnabled } from '../bridge/actors.ts'
import { isOutsider, outsideLine } from '../bridge/outsiders.ts'
import { perform } from '../bridge/perform.ts'
import { RejectedError } from '../model/errors.ts'
import { usage } from './command.ts'
import { fits, readText, readWords } from './read-input.ts'
import { findCommand, unknownCommand, withPrefix } from './help.ts'
import { nextTry, stillAway, stoppedTrying } from './wait.ts'
import { wordsOf } from './words.ts'

/** After this time a user hears what is being done, milliseconds. */
const patience = 2_000

type Message = MatrixEvent & { readonly type: 'message' }

type Run = { readonly event: Message; readonly job: Job; readonly deps: Deps }

/**
 * The answer in the room of the question, told once. Only outside the chat with the bot it names what it
 * answers, and what it proposes to type begins as it has to there: all else may be published.
 */
async function tell(text: string, key: string, { event, deps }: Run): Promise<Action> {
  const portal = await deps.store.findPortalByRoom(event.roomId)
  const isChat = portal?.kind === 'management'
  return {
    do: 'tell',
    place: { kind: 'room', roomId: event.roomId },
    text: isChat ? text : withPrefix(text, deps.identity.commandPrefix),
    key: `${key} ${event.eventId}`,
    ...(isChat ? {} : { replyTo: event.eventId }),
  }
}

/** Said at once, before the command is done. */
async function say(text: string, key: string, run: Run): Promise<void> {
  const attempt = { isRepeated: run.job.claims > 0 }
  await run.deps.store.commit(await perform([await tell(text, key, run)], attempt, run.deps))
}

/** Waits for the work; when it takes long, the user is told of it meanwhile. */
async function unhurried<T>(work: Promise<T>, notice: () => Promise<void>, deps: Deps): Promise<T> {
  const done = new AbortController()
  const ended = work.then(
    () => true,
    () => true,
  )
  const isQuick = await Promise.race([
    ended,
    deps.clock.sleep(patience, done.signal).then(() => false),
  ])
  done.abort()
  if (!isQuick) await notice()
  return work
}

/** What was typed after the command's name, line ends kept. */
function textAfterName({ event, deps }: Run): string {
  const body = event.text.body.trim()
  const prefix = deps.identity.commandPrefix
  const line = body.startsWith(`${prefix} `) ? body.slice(prefix.length).trimStart() : body
  return line.replace(/^\S+/, '')
}

async function resultOf(
  command: Command | undefined,
  [name = '', ...rest]: readonly string[],
  run: Run,
): Promise<CommandResult> {
  const { event, deps } = run
  const { sender } = event
  if (!isPermitted(sender, deps)) return { text: notEnabled }
  if (command === undefined) return { text: unknownCommand(name, deps.permissionOf(sender)) }
  if (command.opensRoom === true && isOutsider(sender, deps))
    return { text: outsideLine(sender, deps) }
  const input = command.takesText ? readText(command, textAfterName(run)) : readWords(command, rest)
  if (!fits(command, input)) return usage(command)
  try {
    const work = command.run(input, { sender, message: event, deps })
    // A later try has nothing new to say.
    if (run.job.claims > 0) return await work
    return await unhurried(work, () => say(command.doing(input.args), 'doing', run), deps)
  } catch (error) {
    if (error instanceof RejectedError && error.tell !== undefined) return { text: error.tell }
    throw error
  }
}

const decidedMark = ({ event }: Run): string => `decided ${event.eventId}`
const awayMark = ({ event }: Run): string => `away ${event.eventId}`

const note = (key: string, value: string, { deps }: Run): Promise<void> =>
  deps.store.commit([{ change: 'mark', key, value, at: deps.clock.now() }])

/**
 * What a command comes to is written down before any of it is done: a second run after a crash does
 * the same, whatever the other server answers by then.
 */
async function decideOnce(decide: () => Promise<CommandResult>, run: Run): Promise<CommandResult> {
  const noted = await run.deps.store.findMark(decidedMark(run))
  if (noted !== undefined) return JSON.parse(noted) as Answer
  const result = await decide()
  const isNoted = !('away' in result) && result.isSecret !== true
  if (isNoted) await note(decidedMark(run), JSON.stringify(result), run)
  return result
}

/** Off its lane until the server is back, so that the user's other commands go on. */
async function wait(result: Away, run: Run): Promise<JobResult | Answer> {
  const { store, clock } = run.deps
  const noted = await store.findMark(awayMark(run))
  const since = noted === undefined ? clock.now() : Number(noted)
  const until = nextTry(result, since, clock.now())
  if (until === undefined) return { text: stoppedTrying(result) }
  if (noted === undefined) await note(awayMark(run), String(since), run)
  await say(stillAway(result), 'waiting', run)
  const { host, why = `${host} does not answer` } = result.away
  return { park: { until, reason: why } }
}

/** Runs one line and answers in the same room by one notice. Safe to run again. */
export async function runCommand(
  line: string,
  event: Message,
  { job, deps }: { readonly job: Job; readonly deps: Deps },
): Promise<JobResult> {
  const run = { event, job, deps }
  const words = wordsOf(line, event.text, deps.identity.commandPrefix)
  const [name = 'help', ...rest] = words
  const command = findCommand(name, deps.permissionOf(event.sender))
  const decided = await decideOnce(() => resultOf(command, [name, ...rest], run), run)
  const answer = 'away' in decided ? await wait(decided, run) : decided
  if (!('text' in answer)) return answer
  const actions = [await tell(answer.text, 'answer', run), ...(answer.actions ?? [])]
  const changes = await perform(actions, { isRepeated: job.claims > 0 }, deps)
  return {
    // What a user typed is nobody's business but theirs: logs name known commands only.
    outcome: `command ${command?.name ?? 'unknown'}`,
    changes: [
      ...changes,
      { change: 'unmark', key: decidedMark(run) },
      { change: 'unmark', key: awayMark(run) },
    ],
  }
}
