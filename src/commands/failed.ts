import type { Answer, Command, CommandContext } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { DeliveryPayload, FailedJob } from '../model/job.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { safeName } from '../model/names.ts'
import { plainError, reasonIn } from './reason.ts'
import { quote } from './words.ts'
import { timeOf } from '../model/dates.ts'
import { usage } from './command.ts'

const pageLength = 20
/** Jobs that one command takes back; each is a commit. */
const mostAtOnce = 500
/** Characters of what was to be done in a list, and of that or an error that is shown alone. */
export const [shortAim, longError] = [200, 2_000]

/** What the job was to do, without what anybody wrote. */
async function aimOf({ kind, key, host, payload }: FailedJob, deps: Deps): Promise<string> {
  switch (kind) {
    case 'delivery': {
      const { signer, inbox } = JSON.parse(payload) as DeliveryPayload
      return `what ${await handleOfActor(signer, deps)} did, to ${inbox}`
    }
    case 'activity':
      return `from ${host ?? 'a server'}: ${key}`
    case 'event':
      return `from Matrix: ${key}`
    case 'upkeep':
      return `own work: ${key}`
    default:
      return kind satisfies never
  }
}

/** As a part of a line: what strangers named may hold anything. */
export const shownAim = async (job: FailedJob, length: number, deps: Deps): Promise<string> =>
  safeName((await aimOf(job, deps)).replaceAll('`', "'"), length)

async function lineOf(job: FailedJob, deps: Deps): Promise<string> {
  const aim = await shownAim(job, shortAim, deps)
  return `${job.id}: ${timeOf(job.failedAt)}, ${aim}: ${reasonIn(job.error)}`
}

async function list(before: string | undefined, { deps }: CommandContext): Promise<Answer> {
  const page = before === undefined ? {} : { before: Number(before) }
  const jobs = await deps.jobs.listFailed({ ...page, limit: pageLength + 1 })
  const shown = jobs.slice(0, pageLength)
  if (shown.length === 0)
    return { text: `Nothing ${before === undefined ? '' : 'older '}was given up.` }
  const last = shown.at(-1)
  const more = jobs.length > pageLength && last !== undefined
  return {
    text: [
      'Given up, newest first:',
      ...(await Promise.all(shown.map((job) => lineOf(job, deps)))),
      ...(more ? [`\`failed ${last.id}\` shows what is older.`] : []),
      '`failed show <number>` says why, `failed retry <number>` tries again.',
    ].join('\n'),
  }
}

export async function findFailed(id: number, { jobs }: Deps): Promise<FailedJob | undefined> {
  const [job] = await jobs.listFailed({ before: id + 1, limit: 1 })
  return job?.id === id ? job : undefined
}

async function show(job: FailedJob, { deps }: CommandContext): Promise<Answer> {
  const { id, addedAt, failedAt, attempts, error } = job
  const tries = attempts === 0 ? 'at the first try' : `after ${attempts} failed tries`
  return {
    text: [
      `${id}: ${await shownAim(job, longError, deps)}`,
      `Waited since ${timeOf(addedAt)}, given up on ${timeOf(failedAt)} ${tries}.`,
      safeName(plainError(error), longError),
      `\`failed retry ${id}\` tries again, \`failed drop ${id}\` forgets it.`,
    ].join('\n'),
  }
}

async function retry(job: FailedJob, { deps }: CommandContext): Promise<Answer> {
  await deps.jobs.retryFailed(job.id)
  return { text: `${job.id} is tried again. What comes of it is in \`queue\` or \`failed\`.` }
}

async function drop(job: FailedJob, { deps }: CommandContext): Promise<Answer> {
  await deps.jobs.dropFailed(job.id)
  return { text: `${job.id} is forgotten: it will not be done.` }
}

/** Newest first, `mostAtOnce` at most; page by page, as each comes with all that it was to send. */
async function numbersOf({ jobs }: Deps): Promise<readonly number[]> {
  const numbers: number[] = []
  while (numbers.length < mostAtOnce) {
    const before = numbers.at(-1)
    const from = before === undefined ? {} : { before }
    const page = await jobs.listFailed({ ...from, limit: pageLength })
    numbers.push(...page.map(({ id }) => id))
    if (page.length < pageLength) break
  }
  return numbers
}

async function retryAll({ deps }: CommandContext): Promise<Answer> {
  const numbers = await numbersOf(deps)
  if (numbers.length === 0) return { text: 'Nothing was given up.' }
  // In the order in which they came.
  for (const id of numbers.toReversed()) await deps.jobs.retryFailed(id)
  const rest = numbers.length < mostAtOnce ? '' : ' There may be more: do it again.'
  return { text: `Tried again: ${numbers.length}.${rest} \`queue\` shows how far it is.` }
}

const deeds: ReadonlyMap<string, typeof show> = new Map([
  ['show', show],
  ['retry', retry],
  ['drop', drop],
])

const isNumber = (text: string): boolean => /^\d{1,15}$/.test(text)

export const failed: Command = {
  name: 'failed',
  args: '[number] | show <number> | retry <number|all> | drop <number>',
  help: 'Lists what was given up, says why, tries it again or forgets it.',
  more: 'A number alone lists what is older than that one. What is tried again comes after what waits in its order.',
  examples: ['failed', 'failed show 4711', 'failed retry all'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 2],
  doing: () => 'Reading the list.',
  run: async ({ args: [first, second] }, context) => {
    const deed = deeds.get(first?.toLowerCase() ?? '')
    if (deed === undefined) {
      const isPage = second === undefined && (first === undefined || isNumber(first))
      return isPage ? list(first, context) : usage(failed)
    }
    if (deed === retry && second?.toLowerCase() === 'all') return retryAll(context)
    const number = second?.replace(/^#/, '')
    if (number === undefined || !isNumber(number)) return usage(failed)
    const job = await findFailed(Number(number), context.deps)
    if (job === undefined)
      return { text: `${quote(number)} was not given up. \`failed\` lists what was.` }
    return deed(job, context)
  },
}
