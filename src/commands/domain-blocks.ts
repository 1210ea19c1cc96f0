import type { Answer, Command, CommandContext } from './command.ts'
import type { DomainBlock, Severity } from '../model/domain-block.ts'
import { barredJob } from '../bridge/domain-blocks.ts'
import { domainIn } from '../bridge/blocklist-csv.ts'
import { isOurDomain } from '../bridge/blocklists.ts'
import { page } from './page.ts'
import { quote } from './words.ts'
import { usage } from './command.ts'

const longestReason = 500

const effects = {
  suspend: 'nothing comes from there, and nothing goes there',
  silence: 'its people reach only those who follow them, and ask before they follow',
  none: '',
} as const

/** What holds for it, in words. */
export function effectOf({
  severity,
  rejectsMedia,
  rejectsReports,
}: Pick<DomainBlock, 'severity' | 'rejectsMedia' | 'rejectsReports'>): string {
  if (severity === 'suspend') return effects.suspend
  const parts = [
    effects[severity],
    rejectsMedia ? 'none of its files and pictures are fetched' : '',
    rejectsReports ? 'its reports are not taken' : '',
  ]
  return parts.filter((part) => part !== '').join('; ') || 'let in, whatever lists say'
}

type Told = Pick<DomainBlock, 'domain' | 'severity' | 'rejectsMedia' | 'rejectsReports' | 'reason'>

/** One line of a list of blocks. */
export const lineOfBlock = (block: Told): string =>
  `${block.domain}: ${effectOf(block)}${block.reason === undefined ? '' : ` (${block.reason})`}`

/** Without options everything stops. */
function kindOf(options: ReadonlySet<string>) {
  const rejectsMedia = options.has('--no-media')
  const rejectsReports = options.has('--no-reports')
  const rest = rejectsMedia || rejectsReports ? 'none' : 'suspend'
  const severity: Severity = options.has('--silence') ? 'silence' : rest
  return { severity, rejectsMedia, rejectsReports }
}

export const blockDomain: Command = {
  name: 'block-domain',
  args: '<domain> [--silence] [--no-media] [--no-reports] [reason]',
  help: 'Keeps a server and all below its domain away from everybody here.',
  more: 'Without options nothing comes from there and nothing goes there, nor from or to whoever goes by a name of it elsewhere; who followed whom is kept, so that it goes on when the block is taken back. With `--silence` its people reach only those who follow them. `--no-media` and `--no-reports` keep files and reports away, alone or with `--silence`. Its rooms are told; its admins are not.',
  examples: ['block-domain spam.example', 'block-domain loud.example --silence --no-media'],
  group: 'Admin',
  permission: 'admin',
  takes: [1, 1],
  takesText: true,
  options: ['--silence', '--no-media', '--no-reports'],
  doing: () => 'Writing it down.',
  run: async ({ args: [text = ''], options, text: reason }, context) => {
    const { deps, sender: by } = context
    const domain = domainIn(text)
    if (domain === undefined) return usage(blockDomain)
    if (isOurDomain(domain, deps)) return { text: `${domain} is where this bridge is itself.` }
    const at = deps.clock.now()
    const block: DomainBlock = {
      ...{ domain, by, at },
      ...kindOf(options),
      ...(reason === '' ? {} : { reason: reason.slice(0, longestReason) }),
    }
    const before = await deps.store.findDomainBlock(domain)
    const outer = before === undefined || before.domain === domain ? '' : insteadOf(before)
    const put = { change: 'put-domain-block', block } as const
    return {
      text: `${domain} is blocked: ${effectOf(block)}.${outer} \`unblock-domain ${domain}\` takes it back.`,
      actions: [{ do: 'commit', changes: [put, ...newsOf(block, before, block)] }],
    }
  },
}

const insteadOf = ({ domain }: DomainBlock): string =>
  ` That holds there instead of what holds for ${domain}.`

/** Rooms are told when everything stops, and when it goes on. */
function newsOf(
  { domain, at }: Pick<DomainBlock, 'domain' | 'at'>,
  before: DomainBlock | undefined,
  after: DomainBlock | undefined,
) {
  const isBarred = after?.severity === 'suspend'
  return isBarred === (before?.severity === 'suspend') ? [] : [barredJob({ domain, isBarred, at })]
}

export const allowDomain: Command = {
  name: 'allow-domain',
  args: '<domain>',
  help: 'Lets a server and all below its domain in, whatever lists say.',
  more: 'Where only servers are let in that an admin names (`moderation.allow_list` in the configuration), this names one. `unblock-domain` takes it back.',
  examples: ['allow-domain friends.example'],
  group: 'Admin',
  permission: 'admin',
  takes: [1, 1],
  doing: () => 'Writing it down.',
  run: async ({ args: [text = ''] }, { deps, sender: by }) => {
    const domain = domainIn(text)
    if (domain === undefined) return usage(allowDomain)
    const at = deps.clock.now()
    const none = { severity: 'none', rejectsMedia: false, rejectsReports: false } as const
    const block: DomainBlock = { domain, ...none, by, at }
    const before = await deps.store.findDomainBlock(domain)
    const put = { change: 'put-domain-block', block } as const
    return {
      text: `${domain} is let in. \`unblock-domain ${domain}\` takes that back.`,
      actions: [{ do: 'commit', changes: [put, ...newsOf(block, before, block)] }],
    }
  },
}

const endOf = (domain: string, rest: DomainBlock | undefined): string =>
  rest === undefined
    ? `${domain} is not blocked any more.`
    : `${domain} has no block of its own any more. ${rest.domain} is blocked, and all below it${rest.list === undefined ? '' : `, by the list ${rest.list}`}: ${effectOf(rest)}.`

async function listed(number: string | undefined, { deps }: CommandContext): Promise<Answer> {
  const blocks = await deps.store.domainBlocks()
  if (blocks.length === 0) return { text: 'No domain is blocked.' }
  const lines = blocks.map(lineOfBlock)
  const title = { title: 'Blocked domains', command: 'blocked-domains', number }
  return page(lines, title) ?? usage(blockedDomains)
}

export const blockedDomains: Command = {
  name: 'blocked-domains',
  args: '[page]',
  help: 'Lists the domains that are kept away from everybody here.',
  examples: ['blocked-domains'],
  group: 'Admin',
  permission: 'admin',
  takes: [0, 1],
  doing: () => 'Reading the list.',
  run: ({ args: [number] }, context) => listed(number, context),
}

export const unblockDomain: Command = {
  name: 'unblock-domain',
  args: '<domain>',
  help: 'Takes the block of a domain back.',
  more: 'What was posted there meanwhile is not brought; `backfill` brings the newest posts of an account.',
  examples: ['unblock-domain spam.example'],
  group: 'Admin',
  permission: 'admin',
  takes: [1, 1],
  doing: () => 'Reading the list.',
  run: async ({ args: [text = ''] }, { deps }) => {
    const domain = domainIn(text)
    const block = domain === undefined ? undefined : await deps.store.findDomainBlock(domain)
    if (domain === undefined || block === undefined)
      return { text: `${quote(text)} is not blocked. \`blocked-domains\` shows what is.` }
    if (block.isUnlisted === true)
      return {
        text: `Only servers that \`allow-domain\` names are let in here, and ${domain} is none.`,
      }
    if (block.list !== undefined)
      return {
        text: `${domain} is blocked by the list ${block.list}. \`allow-domain ${domain}\` lets it in all the same.`,
      }
    if (block.domain !== domain)
      return { text: `${domain} is blocked with ${block.domain}; only that can be taken back.` }
    const at = deps.clock.now()
    const rest = await deps.store.blockWithout(domain)
    const changes = [
      { change: 'remove-domain-block', domain } as const,
      ...newsOf({ domain, at }, block, rest),
    ]
    return { text: endOf(domain, rest), actions: [{ do: 'commit', changes }] }
  },
}
