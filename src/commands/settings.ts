import type { Action } from '../model/action.ts'
import type { Answer, Command, CommandContext } from './command.ts'
import { followLists, webPage } from '../model/settings.ts'
import { quotePolicies } from '../model/quote.ts'
import type { Change } from '../model/change.ts'
import type { Deps } from '../bridge/ports.ts'
import type { UserId } from '../model/ids.ts'
import { becomeActor } from '../bridge/actors.ts'
import { changeProfile } from '../bridge/own-profile.ts'
import { spaceDue, spaceSetting } from '../bridge/spaces.ts'
import { nearest } from './nearest.ts'
import { usage } from './command.ts'
import { quote } from './words.ts'

type Flag = 'isLocked' | 'isDiscoverable' | 'isIndexable'

type Setting = {
  readonly name: string
  /** Another name that people may know it by. */
  readonly also?: string
  /** What a choice brings about, beside being kept. */
  readonly follows?: (userId: UserId, deps: Deps) => Promise<readonly Change[]>
  /** The first is what holds until somebody chooses, unless `initial` says otherwise. */
  readonly values: readonly string[]
  readonly initial?: (deps: Deps) => string
  /** It is a part of the profile, which tells others of it. */
  readonly flag?: Flag
  readonly help: string
}

/** Everything a user may choose, with what it means. */
const userSettings: readonly Setting[] = [
  {
    name: 'room_posts',
    also: 'portal_posts',
    values: ['ask', 'on', 'off'],
    help: "What happens to a new message in somebody else's room: ask first, publish it, or never.",
  },
  {
    name: 'dms',
    values: ['everyone', 'followed', 'nobody'],
    help: 'Who may open a private chat with you.',
  },
  {
    name: 'visibility',
    values: ['public', 'unlisted', 'followers'],
    help: 'Who reads what you publish, where you do not say it with `post --visibility`.',
  },
  {
    name: 'quotes',
    values: quotePolicies,
    help: 'Who may quote what you publish; `quotes` shows who does.',
  },
  {
    name: followLists.name,
    values: [followLists.shown, followLists.hidden],
    help: 'Whether others may see who follows you and whom you follow; how many is always told.',
  },
  {
    name: spaceSetting,
    values: ['on', 'off'],
    help: 'Whether a Space holds your rooms of the fediverse.',
    initial: ({ hasSpaces }) => (hasSpaces ? 'on' : 'off'),
    follows: spaceDue,
  },
  {
    name: webPage.name,
    values: [webPage.off, webPage.on],
    help: 'Whether anybody may read your profile and your public posts on a web page and in a feed; `whoami` says where.',
  },
]

/** The same as with `profile`. */
const flags: readonly Setting[] = [
  { name: 'locked', flag: 'isLocked', help: 'Whether others ask before they follow you.' },
  {
    name: 'discoverable',
    flag: 'isDiscoverable',
    help: 'Whether directories may list you.',
  },
  { name: 'indexable', flag: 'isIndexable', help: 'Whether your posts may be searched.' },
].map((one) => ({ ...one, values: ['off', 'on'] }) as Setting)

const allSettings: readonly Setting[] = [...userSettings, ...flags]

const listed = ({ values }: Pick<Setting, 'values'>): string =>
  values.map((value) => `\`${value}\``).join(', ')

async function chosenOf(setting: Setting, sender: UserId, deps: Deps): Promise<string> {
  if (setting.flag !== undefined) {
    const own = await deps.store.findLocalActorByUser(sender)
    return own?.profile?.[setting.flag] === true ? 'on' : 'off'
  }
  const initial = setting.initial?.(deps) ?? setting.values[0] ?? ''
  return (await deps.store.findSetting(sender, setting.name)) ?? initial
}

/** What has to be done for a choice, and what is to be said beside it. */
async function choose(
  setting: Setting,
  chosen: string,
  { sender, deps }: CommandContext,
): Promise<{ readonly line: readonly string[]; readonly actions: readonly Action[] }> {
  if (setting.flag !== undefined) {
    const { actor, line, actions } = await becomeActor(sender, deps)
    const changed = changeProfile(actor, { [setting.flag]: chosen === 'on' })
    return { line, actions: [...actions, ...changed] }
  }
  const change = { change: 'put-setting', userId: sender, name: setting.name } as const
  const more = (await setting.follows?.(sender, deps)) ?? []
  return {
    line: [],
    actions: [{ do: 'commit', changes: [{ ...change, value: chosen }, ...more] }],
  }
}

async function stateOf(setting: Setting, { sender, deps }: CommandContext): Promise<string> {
  const chosen = await chosenOf(setting, sender, deps)
  const others = { values: setting.values.filter((value) => value !== chosen) }
  return `\`${setting.name}\` is \`${chosen}\` (or ${listed(others)}).`
}

function unknownSetting(name: string): Answer {
  const guess = nearest(
    name,
    allSettings.map((setting) => setting.name),
  )
  const question = guess === undefined ? '' : ` Did you mean \`${guess}\`?`
  return { text: `There is no setting ${quote(name)}.${question} \`settings\` shows them all.` }
}

const spelt = (word: string): string => word.toLowerCase().replaceAll('-', '_')

const findSetting = (name: string): Setting | undefined =>
  allSettings.find((one) => one.name === name || one.also === name)

/** What is on or off needs no list of what it could be. */
async function allOf(context: CommandContext): Promise<string> {
  const lines = await Promise.all(userSettings.map((setting) => stateOf(setting, context)))
  const { sender, deps } = context
  const ofProfile = await Promise.all(
    flags.map(async (one) => `\`${one.name}\` is \`${await chosenOf(one, sender, deps)}\``),
  )
  const end = '`settings <name>` says what it means.'
  return [...lines, `${ofProfile.join(', ')}.`, end].join('\n')
}

/** `settings show x` and `settings set x y` say the same as without the verb. */
const withoutVerb = (args: readonly string[]): readonly string[] =>
  /^(?:show|set)$/i.test(args[0] ?? '') ? args.slice(1) : args

export const settings: Command = {
  name: 'settings',
  args: '[show|set] [name] [value]',
  help: 'Shows your settings, or changes one.',
  more: allSettings
    .map((setting) => `\`${setting.name}\` is one of ${listed(setting)}: ${setting.help}`)
    .join(' '),
  examples: ['settings', 'settings dms followed', 'settings set locked on'],
  group: 'You',
  permission: 'follow',
  takes: [0, 3],
  doing: () => 'Reading your settings.',
  run: async ({ args }, context) => {
    const [name, value, ...more] = withoutVerb(args)
    if (name === undefined) {
      return { text: await allOf(context) }
    }
    if (more.length > 0) return usage(settings)
    const setting = findSetting(spelt(name))
    if (setting === undefined) return unknownSetting(name)
    if (value === undefined) return { text: `${await stateOf(setting, context)} ${setting.help}` }
    const chosen = setting.values.find((one) => one === spelt(value))
    if (chosen === undefined)
      return { text: `\`${setting.name}\` can be ${listed(setting)}. ${setting.help}` }
    const { line, actions } = await choose(setting, chosen, context)
    return { text: [...line, `\`${setting.name}\` is now \`${chosen}\`.`].join('\n'), actions }
  },
}
