import type { Answer, Command, CommandContext, CommandInput } from './command.ts'
import {
  isLetIn,
  longestComment,
  type BlockKind,
  type DomainBlock,
  type Severity,
} from '../model/domain-block.ts'
import { barredJob } from '../bridge/domain-blocks.ts'
import { domainIn } from '../bridge/blocklist-csv.ts'
import { isOurDomain } from '../bridge/blocklists.ts'
import { page } from './page.ts'
import { capitalised, quote } from './words.ts'
import { usage } from './command.ts'

const effects = {
  suspend: 'nothing comes from there, and nothing goes there',
  silence: 'its people reach only those who follow them, and ask before they follow',
  none: '',
} as const

/** What holds for it, in words. */
export function effectOf({ severity, rejectsMedia, rejectsReports }: BlockKind): string {
  if (severity === 'suspend') return effects.suspend
  const parts = [
    effects[severity],
    rejectsMedia ? 'none of its files and pictures are fetched' : '',
    rejectsReports ? 'its reports are not taken' : '',
  ]
  return parts.filter((part) => part !== '').join('; ') || 'let in, whatever lists say'
}

type Told = Omit<DomainBlock, 'by' | 'at' | 'isObfuscated'> & { readonly isObfuscated?: boolean }

/** What others than admins read of a block, as parts of a line. */
const shownOf = ({ isObfuscated, publicComment }: Told): readonly string[] => [
  ...(isObfuscated === true ? ['its name is shown in part'] : []),
  ...(publicComment === undefined ? [] : [`everybody reads: ${publicComment}`]),
]

/** One line of a list of blocks. */
export function lineOfBlock(block: Told): string {
  const reason = block.reason === undefined ? '' : ` (${block.reason})`
  return `${block.domain}: ${[effectOf(block), ...shownOf(block)].join('; ')}${reason}`
}

const howMuch = ['--suspend', '--silence', '--no-media', '--no-reports']
const howShown = ['--obfuscate', '--no-obfuscate']

/** Without options everything stops; where they are about how a block is shown alone, it stays what it was. */
function kindOf({ options, values }: CommandInput, own: DomainBlock | undefined): BlockKind {
  const isShownAnew = values.size > 0 || howShown.some((option) => options.has(option))
  const isKept = isShownAnew && !howMuch.some((option) => options.has(option))
  if (isKept && own !== undefined && !isLetIn(own)) {
    const { severity, rejectsMedia, rejectsReports } = own
    return { severity, rejectsMedia, rejectsReports }
  }
  if (options.has('--suspend'))
    return { severity: 'suspend', rejectsMedia: false, rejectsReports: false }
  const rejectsMedia = options.has('--no-media')
  const rejectsReports = options.has('--no-reports')
  const rest = rejectsMedia || rejectsReports ? 'none' : 'suspend'
  const severity: Severity = options.has('--silence') ? 'silence' : rest
  return { severity, rejectsMedia, rejectsReports }
}

/** What others read of a block is to go, and nothing is said of what is kept away. */
function isTakenBack({ options, values }: CommandInput): boolean {
  const comment = values.get('--public-comment')?.trim()
  if ([...howMuch, '--obfuscate'].some((option) => options.has(option))) return false
  return comment === '' || (comment === undefined && options.has('--no-obfuscate'))
}

/** How a block is shown and explained: what is not named stays as it was. */
function wordsOf({ options, values, text }: CommandInput, own: DomainBlock | undefined) {
  const isObfuscated =
    options.has('--obfuscate') || (own?.isObfuscated === true && !options.has('--no-obfuscate'))
  const reason = text.slice(0, longestComment) || own?.reason
  const comment = values.get('--public-comment')?.trim().slice(0, longestComment)
  const publicComment = comment ?? own?.publicComment ?? ''
  return {
    ...(isObfuscated ? { isObfuscated } : {}),
    ...(reason === undefined ? {} : { reason }),
    // An empty one takes it back.
    ...(publicComment === '' ? {} : { publicComment }),
  }
}

export const blockDomain: Command = {
  name: 'block-domain',
  args: '<domain> [--suspend|--silence] [--no-media] [--no-reports] [--obfuscate|--no-obfuscate] [--public-comment "<text>"] [reason]',
  help: 'Keeps a server and all below its domain away from everybody here.',
  more: 'Without options nothing comes from there and nothing goes there, nor from or to whoever goes by a name of it elsewhere; who followed whom is kept, so that it goes on when the block is taken back. With `--silence` its people reach only those who follow them. `--no-media` and `--no-reports` keep files and reports away, alone or with `--silence`. Its rooms are told; its admins are not. The reason is for admins; the public comment stands beside the domain on the page `/about`, where `--obfuscate` shows its name in part. When a domain is blocked anew, they stay as they were unless they are named: `--public-comment ""` and `--no-obfuscate` take them back. With these alone, how much is kept away stays as well.',
  examples: [
    'block-domain spam.example',
    'block-domain loud.example --silence --no-media',
    'block-domain spam.example --obfuscate --public-comment "Sends only spam." asked twice',
  ],
  group: 'Admin',
  permission: 'admin',
  takes: [1, 1],
  takesText: true,
  options: [...howMuch, ...howShown],
  valueOptions: ['--public-comment'],
  doing: () => 'Writing it down.',
  run: async (input, { deps, sender: by }) => {
    const domain = domainIn(input.args[0] ?? '')
    if (domain === undefined || isContrary(input)) return usage(blockDomain)
    if (isOurDomain(domain, deps)) return { text: `${domain} is where this bridge is itself.` }
    const at = deps.clock.now()
    const before = await deps.store.findDomainBlock(domain)
    const own = isOwn(before, domain) ? before : undefined
    // Whoever wants to show less of a block that somebody has lifted meanwhile wants none.
    if (isTakenBack(input) && (own === undefined || isLetIn(own)))
      return { text: `${domain} has no block of its own to take that back from.` }
    const block: DomainBlock = {
      ...{ domain, by, at },
      ...kindOf(input, own),
      ...wordsOf(input, own),
    }
    const shown = shownOf(block).map((part) => ` ${sentence(part)}`)
    const outer = before === undefined || before.domain === domain ? '' : insteadOf(before)
    const put = { change: 'put-domain-block', block } as const
    return {
      text: `${domain} is blocked: ${effectOf(block)}.${shown.join('')}${outer} \`unblock-domain ${domain}\` takes it back.`,
      actions: [{ do: 'commit', changes: [put, ...newsOf(block, before, block)] }],
    }
  },
}

/** Whether an admin says it of that very domain. */
const isOwn = (block: DomainBlock | undefined, domain: string): boolean =>
  block?.domain === domain && block.list === undefined && block.isUnlisted !== true

/** Two things at once that cannot both hold. */
const isContrary = ({ options }: CommandInput): boolean =>
  howShown.every((option) => options.has(option)) ||
  (options.has('--suspend') && options.has('--silence'))

const sentence = (part: string): string => {
  const whole = capitalised(part)
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`
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
