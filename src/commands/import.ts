import type { Answer, Command, CommandContext, CommandResult } from './command.ts'
import type { EventId, Mxc } from '../model/ids.ts'
import type { Import, ImportKind } from '../model/import.ts'
import { RejectedError } from '../model/errors.ts'
import { longestList, readAccountList, type AccountList } from './account-list.ts'
import { becomeActor } from '../bridge/actors.ts'
import { textOf } from '../bridge/blocklists.ts'
import { importJob, stopImport } from '../bridge/import-accounts.ts'
import { progressText } from '../bridge/import-notices.ts'
import { roomOf } from '../bridge/portals.ts'
import { fileAnswered } from './file-answered.ts'
import { counted } from './words.ts'
import { usage } from './command.ts'

const mostBytes = 2_000_000
const timeout = 60_000

const howTo =
  'Send me the list, a CSV file, and answer it with `import follows` or `import blocks`.'

/** The text of the file; an answer where it cannot be read. */
async function readText(mxc: Mxc, { deps }: CommandContext): Promise<string | Answer> {
  try {
    const read = await deps.readFile(mxc, { maxBytes: mostBytes, timeout })
    if (read === undefined) return { text: `I cannot find that file any more. ${howTo}` }
    return await textOf(read)
  } catch (error) {
    if (error instanceof RejectedError && error.code === 'too-large')
      return { text: `That file is too large: ${mostBytes / 1_000_000} MB at most.` }
    throw error
  }
}

function listIn(text: string): AccountList | Answer {
  const list = readAccountList(text)
  if (list === 'too-long')
    return { text: `That list is too long: ${longestList} accounts at most. Send it in parts.` }
  if (list === 'malformed' || list.accounts.length === 0)
    return {
      text: 'I find no accounts in that file. It should be a CSV file, as Mastodon exports it: one account a line, its address first.',
    }
  return list
}

const runningOf = async ({ sender, deps }: CommandContext): Promise<Import | undefined> =>
  (await deps.store.importsOf(sender)).find(({ endedAt }) => endedAt === undefined)

async function show(one: Import | undefined, { deps }: CommandContext): Promise<Answer> {
  if (one === undefined) return { text: `No import is under way. ${howTo}` }
  const counts = await deps.store.countImport(one.id)
  return {
    text: `${await progressText(one, counts, deps)} \`import stop\` ends it; what is done stays.`,
  }
}

async function begin(
  kind: ImportKind,
  isInRooms: boolean,
  context: CommandContext,
): Promise<CommandResult> {
  const { sender, message, deps } = context
  const mxc = message.media[0]?.mxc ?? (await fileAnswered(context))
  if (mxc === undefined) return { text: howTo }
  const text = await readText(mxc, context)
  if (typeof text !== 'string') return text
  const list = listIn(text)
  if ('text' in list) return list
  const { accounts, bad } = list
  const { line, actions } = await becomeActor(sender, deps)
  const id: EventId = message.eventId
  const roomId = await roomOf({ kind: 'management', userId: sender }, deps)
  const one = { id, userId: sender, kind, isInRooms, roomId, beganAt: deps.clock.now() }
  const rows = accounts.map((account, position) => ({
    ...account,
    ...({ position, state: 'waiting' } as const),
  }))
  // Here, and not with the answer: that is kept until it is done, and lists are long.
  await deps.store.commit([{ change: 'put-import', import: one, rows }])
  const where =
    kind === 'blocks' ? '' : isInRooms ? ' Each gets a room.' : ' They are read in your Home room.'
  const speed = kind === 'follows' ? ' Ten a minute are asked at most.' : ''
  const left = bad === 0 ? '' : ` Lines that name no account: ${bad}.`
  const said = `Your list has ${counted(accounts.length, 'account')}.${left}${where}${speed} I tell you how far it is.`
  return {
    text: [...line, said].join('\n'),
    actions: [...actions, { do: 'commit', changes: [importJob(id, 0)] }],
  }
}

export const importCommand: Command = {
  name: 'import',
  args: '[follows|blocks|stop] [--rooms]',
  help: 'Follows or blocks all accounts of a list, which you bring from another server.',
  more: 'Send the list, a CSV file as Mastodon exports it, and answer it with `import follows` or `import blocks`; or write that as the caption of the file. Whom you follow so is read in your Home room, or with `--rooms` in a room each. Ten follows a minute are asked at most, and no more than this server lets you within an hour. Alone, it says how far it is; `import stop` ends it.',
  examples: ['import follows', 'import follows --rooms', 'import blocks', 'import', 'import stop'],
  group: 'You',
  permission: 'follow',
  opensRoom: true,
  takes: [0, 1],
  options: ['--rooms'],
  doing: () => 'Reading your list.',
  run: async ({ args: [word], options }, context) => {
    const running = await runningOf(context)
    // After a crash it is the same one.
    const isThis = running?.id === context.message.eventId
    if (word === undefined) return show(running, context)
    const wish = word.toLowerCase()
    if (wish === 'stop')
      return running === undefined
        ? show(running, context)
        : {
            text: 'I stop there. What is done stays.',
            actions: [{ do: 'commit', changes: stopImport(running.id, context.deps) }],
          }
    if (wish !== 'follows' && wish !== 'blocks') return usage(importCommand)
    if (running !== undefined && !isThis) return show(running, context)
    return begin(wish, options.has('--rooms'), context)
  },
}
