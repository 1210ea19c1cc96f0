import type { Answer, Command, CommandContext, CommandResult } from './command.ts'
import type { Blocklist } from '../model/blocklist.ts'
import { changedNews, changesOfList, fetchList } from '../bridge/blocklists.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { lineOfBlock } from './domain-blocks.ts'
import { page } from './page.ts'
import { quote } from './words.ts'
import { summaryOf } from './import-blocks.ts'
import { timeOf } from '../model/dates.ts'
import { awayBy, usage } from './command.ts'

const mostLists = 20

const lineOf = ({ url, checkedAt, trouble }: Blocklist): string =>
  `${url}: read on ${timeOf(checkedAt)}${trouble === undefined ? '' : `; not taken, because ${trouble}`}`

async function list({ deps }: CommandContext): Promise<Answer> {
  const lists = await deps.store.blocklists()
  if (lists.length === 0)
    return { text: 'No list is followed. `blocklist try <https://…>` says what one would do.' }
  return { text: ['Lists that are followed:', ...lists.map(lineOf)].join('\n') }
}

/** Reads the list at that address, and hands it on; or the answer to give. */
async function withList(
  url: string,
  { deps }: CommandContext,
  use: (blocks: Parameters<typeof summaryOf>[0]) => Promise<Answer>,
): Promise<CommandResult> {
  if (!/^https:\/\//i.test(url) || !URL.canParse(url)) return usage(blocklist)
  try {
    const read = await fetchList(url, deps)
    if (read === undefined)
      return {
        text: `What is at ${url} is no list of blocks that I can read: a CSV as Mastodon exports it.`,
      }
    return await use(read.blocks)
  } catch (error) {
    if (error instanceof TransientError && error.of === 'remote')
      return awayBy(new URL(url).host, error)
    if (error instanceof RejectedError && error.tell === undefined)
      return { text: `${url} cannot be fetched.` }
    throw error
  }
}

async function add(url: string, context: CommandContext): Promise<CommandResult> {
  const { deps, sender: by } = context
  return withList(url, context, async (blocks) => {
    const known = await deps.store.findBlocklist(url)
    if (known === undefined && (await deps.store.blocklists()).length >= mostLists)
      return { text: `${mostLists} lists are followed already; \`blocklist remove\` ends one.` }
    const now = deps.clock.now()
    const added: Blocklist = { url, by, addedAt: now, checkedAt: now }
    const changes = await changesOfList(added, blocks, deps)
    return {
      text: `Following the list, which is read again each day. ${await summaryOf(blocks, deps)} \`blocklist remove ${url}\` takes all of it back.`,
      actions: [{ do: 'commit', changes }],
    }
  })
}

const attempt = (url: string, context: CommandContext): Promise<CommandResult> =>
  withList(url, context, async (blocks) => ({
    text: `${await summaryOf(blocks, context.deps)} Nothing is changed yet: \`blocklist add ${url}\` follows the list.`,
  }))

async function remove(url: string, { deps }: CommandContext): Promise<Answer> {
  if ((await deps.store.findBlocklist(url)) === undefined)
    return { text: `${quote(url)} is not followed. \`blocklist\` shows what is.` }
  const domains = (await deps.store.blocksOfList(url)).map(({ domain }) => domain)
  const others = (await deps.store.blocklists()).filter((other) => other.url !== url)
  const rest = await Promise.all(others.map((other) => deps.store.blocksOfList(other.url)))
  const suspended = rest.flat().filter(({ severity }) => severity === 'suspend')
  const still = new Set(suspended.map(({ domain }) => domain))
  const news = await changedNews(domains, (domain) => still.has(domain), deps)
  return {
    text: `The list is not followed any more, and nothing that it alone named is blocked.`,
    actions: [{ do: 'commit', changes: [{ change: 'remove-blocklist', url }, ...news] }],
  }
}

async function show(url: string, { deps }: CommandContext, number?: string): Promise<Answer> {
  const blocks = await deps.store.blocksOfList(url)
  if (blocks.length === 0) return { text: `${quote(url)} is not followed.` }
  const title = { title: 'Blocked by the list', command: `blocklist show ${url}`, number }
  return page(blocks.map(lineOfBlock), title) ?? usage(blocklist)
}

export const blocklist: Command = {
  name: 'blocklist',
  args: '[try <https://…> | add <https://…> | remove <url> | show <url> [page]]',
  help: 'Follows lists of blocked domains that others keep, and shows what they name.',
  more: 'A list is a CSV file as Mastodon exports it, at an https address. It is read again each day: what is new there holds, what is gone does not any more, and admins read what changed; one that lost more than half of what it named is not taken without `add`. What `block-domain` and `allow-domain` say counts more. `try` changes nothing.',
  examples: ['blocklist try https://lists.example/blocks.csv', 'blocklist'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 3],
  doing: () => 'Reading the list.',
  run: async ({ args: [deed, url, number] }, context) => {
    if (deed === undefined) return list(context)
    if (url === undefined) return usage(blocklist)
    switch (deed.toLowerCase()) {
      case 'try':
        return attempt(url, context)
      case 'add':
        return add(url, context)
      case 'remove':
        return remove(url, context)
      case 'show':
        return show(url, context, number)
      default:
        return usage(blocklist)
    }
  },
}
