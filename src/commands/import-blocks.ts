import type { Answer, Command, CommandContext } from './command.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from '../bridge/ports.ts'
import type { DomainBlock } from '../model/domain-block.ts'
import type { ListedBlock } from '../model/blocklist.ts'
import { largestList, readBlocklist } from '../bridge/blocklist-csv.ts'
import { changedNews, isOurDomain, textOf, withRooms } from '../bridge/blocklists.ts'
import { RejectedError } from '../model/errors.ts'
import { counted } from './words.ts'
import { fileAnswered } from './file-answered.ts'

const timeout = 60_000

/** The text of the file that a message answers. Undefined: it answers none, or one that cannot be read. */
async function textAnswered(context: CommandContext): Promise<string | undefined> {
  const mxc = await fileAnswered(context)
  if (mxc === undefined) return undefined
  try {
    const found = await context.deps.readFile(mxc, { maxBytes: largestList, timeout })
    return found === undefined ? undefined : await textOf(found)
  } catch (error) {
    if (error instanceof RejectedError) return undefined
    throw error
  }
}

/** How many of each kind, and whose rooms are concerned. */
export async function summaryOf(
  blocks: readonly ListedBlock[],
  { store }: Pick<Deps, 'store'>,
): Promise<string> {
  const count = (severity: string): number =>
    blocks.filter((block) => block.severity === severity).length
  const suspended = blocks.filter(({ severity }) => severity === 'suspend')
  const there = await withRooms(
    suspended.map(({ domain }) => domain),
    { store },
  )
  const rooms =
    there.length === 0
      ? 'Nobody here reads an account of those that are kept away.'
      : `Accounts are read here of ${there.slice(0, 10).join(', ')}${there.length > 10 ? ` and ${there.length - 10} more` : ''}.`
  return `${counted(blocks.length, 'domain')}: ${count('suspend')} kept away, ${count('silence')} silenced, ${count('none')} otherwise. ${rooms}`
}

async function put(blocks: readonly ListedBlock[], { deps, sender: by }: CommandContext) {
  const own = new Set((await deps.store.domainBlocks()).map(({ domain }) => domain))
  const fresh = blocks.filter(({ domain }) => !own.has(domain))
  const at = deps.clock.now()
  const changes = fresh.map(({ isObfuscated, ...rest }): Change => {
    const block: DomainBlock = { ...rest, ...(isObfuscated ? { isObfuscated } : {}), by, at }
    return { change: 'put-domain-block', block }
  })
  const then = new Set(fresh.flatMap((b) => (b.severity === 'suspend' ? [b.domain] : [])))
  const domains = fresh.map(({ domain }) => domain)
  const news = await changedNews(domains, (domain) => then.has(domain), deps)
  return { fresh, changes: [...changes, ...news] }
}

const whichFile: Answer = {
  text: 'Send the file here, a CSV as Mastodon exports it, then reply to it with `import-blocks`. `import-blocks --try` says first what it would do.',
}

export const importBlocks: Command = {
  name: 'import-blocks',
  args: '[--try]',
  help: 'Blocks all domains of a CSV file, as Mastodon exports them: reply to the file with it.',
  more: 'Severity, `reject_media`, `reject_reports`, `obfuscate` and both comments of each line are taken; everybody may read the public one. What is blocked already stays as it is. With `--try` nothing is changed.',
  examples: ['import-blocks --try', 'import-blocks'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 0],
  options: ['--try'],
  takesFile: true,
  doing: () => 'Reading the file.',
  run: async ({ options }, context) => {
    const { deps } = context
    const text = await textAnswered(context)
    if (text === undefined) return whichFile
    const read = readBlocklist(text, (domain) => isOurDomain(domain, deps))
    if (read === undefined)
      return { text: `That is no list of blocks that I can read. ${whichFile.text}` }
    const left = read.skipped === 0 ? '' : ` ${counted(read.skipped, 'line')} could not be taken.`
    if (options.has('--try'))
      return { text: `${await summaryOf(read.blocks, deps)}${left} Nothing is changed yet.` }
    const { fresh, changes } = await put(read.blocks, context)
    const known = read.blocks.length - fresh.length
    const rest = known === 0 ? '' : ` ${counted(known, 'domain')} had a block already and keep it.`
    return {
      text: `Blocked ${await summaryOf(fresh, deps)}${rest}${left} \`blocked-domains\` lists all.`,
      actions: [{ do: 'commit', changes }],
    }
  },
}
