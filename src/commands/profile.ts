import type { Command, CommandContext, CommandInput, CommandResult } from './command.ts'
import { becomeActor, handleOf } from '../bridge/actors.ts'
import {
  changeProfile,
  fieldText,
  followProfile,
  profileEmojis,
  profileName,
  profileText,
  type ProfileChange,
} from '../bridge/own-profile.ts'
import { pictureAnswered } from '../bridge/picture.ts'
import { bioOf, emptyProfile, nameOf, type LocalActor } from '../model/actor.ts'
import { safeName } from '../model/names.ts'
import { nearest } from './nearest.ts'
import { quote } from './words.ts'
import { usage } from './command.ts'

const longestName = 100
const longestBio = 2000
const longestField = 255
const mostFields = 8

const isReset = (text: string): boolean => /^reset$/i.test(text)

/** What one part of the profile becomes, or why it does not. */
type Change =
  { readonly change: ProfileChange; readonly text: string } | { readonly refused: string }

type Part = {
  readonly name: string
  readonly help: string
  readonly set: (
    text: string,
    actor: LocalActor,
    context: CommandContext,
  ) => Promise<Change> | Change
}

const tooLong = (what: string, most: number): Change => ({
  refused: `That ${what} is too long: ${most} characters at most.`,
})

async function setName(
  text: string,
  _actor: LocalActor,
  { message, deps }: CommandContext,
): Promise<Change> {
  if (isReset(text))
    return { change: { name: undefined }, text: 'Your name is that of Matrix again.' }
  const name = safeName(text, longestName + 1)
  if (name.length > longestName) return tooLong('name', longestName)
  if (name === '') return { refused: 'Write the name after it: `profile name Alice`.' }
  const named = profileName(name, await profileEmojis(message, deps))
  const change = { name: named.text, emojis: named.emojis }
  return { change, text: `Your name on the fediverse is now ${named.text}.` }
}

async function setBio(
  text: string,
  _actor: LocalActor,
  { message, deps }: CommandContext,
): Promise<Change> {
  if (isReset(text))
    return { change: { bio: undefined }, text: 'Your profile has no text any more.' }
  if (text === '') return { refused: 'Write the text after it: `profile bio I like cats.`' }
  if (text.length > longestBio) return tooLong('text', longestBio)
  const bio = profileText(text, await profileEmojis(message, deps), deps)
  const change = { bio: bio.text, emojis: bio.emojis }
  return { change, text: 'Your profile has this text now.' }
}

const setPicture =
  (part: 'avatar' | 'header', what: string) =>
  async (text: string, _actor: LocalActor, context: CommandContext): Promise<Change> => {
    if (isReset(text))
      return { change: { [part]: undefined }, text: `Your ${what} is the usual one again.` }
    const picture = await pictureAnswered(context.message, context.deps)
    if (picture === undefined)
      return {
        refused: `Send the picture here, then reply to it with \`profile ${part}\`. \`profile ${part} reset\` takes it back.`,
      }
    return { change: { [part]: picture }, text: `Your ${what} on the fediverse is this one now.` }
  }

/** `Website https://…`, `"My site" https://…` or `My site = https://…`. */
const fieldForm = /^(?:"([^"]+)"\s*|“([^”]+)”\s*|([^=\n]*?)\s*=\s*|(\S+)\s*)(.*)$/s

async function setField(
  text: string,
  actor: LocalActor,
  { message, deps }: CommandContext,
): Promise<Change> {
  // Before it is looked at: to find a name costs the square of what is far too long for one.
  if (text.length > 4 * longestField) return tooLong('value', longestField)
  const [, straight, curly, before, word, value = ''] = fieldForm.exec(text) ?? []
  const name = safeName(straight ?? curly ?? before ?? word ?? '', longestField)
  if (name === '')
    return { refused: 'Write a name and a value: `profile field Website https://example.org`.' }
  if (value.length > longestField) return tooLong('value', longestField)
  const others = (actor.profile?.fields ?? []).filter(
    (field) => field.name.toLowerCase() !== name.toLowerCase(),
  )
  if (value.trim() === '')
    return {
      change: { field: { name } },
      text: `Your profile has no field ${quote(name)} any more.`,
    }
  if (others.length >= mostFields)
    return {
      refused: `A profile has ${mostFields} fields at most. \`profile field <name>\` without a value takes one away.`,
    }
  const { text: said, emojis } = fieldText(value.trim(), await profileEmojis(message, deps), deps)
  return {
    change: { field: { name, value: said }, emojis },
    text: `Your profile has the field ${quote(name)} now.`,
  }
}

const setFlag =
  (flag: 'isLocked' | 'isDiscoverable' | 'isIndexable' | 'isBot', word: string) =>
  (text: string): Change => {
    const value = text.toLowerCase()
    if (value !== 'on' && value !== 'off')
      return { refused: `\`profile ${word}\` can be \`on\` or \`off\`.` }
    return { change: { [flag]: value === 'on' }, text: `\`${word}\` is now \`${value}\`.` }
  }

const parts: readonly Part[] = [
  { name: 'name', help: 'your name there, if it shall differ', set: setName },
  { name: 'bio', help: 'what you say about yourself', set: setBio },
  { name: 'avatar', help: 'your picture, as a reply to it', set: setPicture('avatar', 'picture') },
  {
    name: 'header',
    help: 'the wide picture, as a reply to it',
    set: setPicture('header', 'header'),
  },
  { name: 'field', help: 'a line of your table', set: setField },
  { name: 'locked', help: 'whether followers ask first', set: setFlag('isLocked', 'locked') },
  {
    name: 'discoverable',
    help: 'whether directories may list you',
    set: setFlag('isDiscoverable', 'discoverable'),
  },
  {
    name: 'indexable',
    help: 'whether your posts may be searched',
    set: setFlag('isIndexable', 'indexable'),
  },
  { name: 'bot', help: 'whether you are a program', set: setFlag('isBot', 'bot') },
]

const onOff = (value: boolean): string => (value ? 'on' : 'off')

function shown(actor: LocalActor, { deps }: CommandContext): string {
  const profile = actor.profile ?? emptyProfile
  const bio = bioOf(actor)
  const lines = [
    `${nameOf(actor)}, ${handleOf(actor, deps)}`,
    ...(bio === undefined ? [] : [bio.source]),
    ...profile.fields.map(({ name, value }) => `${name}: ${value.source}`),
    `\`locked\` ${onOff(profile.isLocked)} · \`discoverable\` ${onOff(profile.isDiscoverable)} · \`indexable\` ${onOff(profile.isIndexable)} · \`bot\` ${onOff(profile.isBot)}`,
    '`help profile` tells how to change it.',
  ]
  return lines.join('\n')
}

async function change(input: CommandInput, context: CommandContext): Promise<CommandResult> {
  const { sender, deps } = context
  const [name] = input.args
  const { actor, line, actions } = await becomeActor(sender, deps)
  if (name === undefined) {
    // What stands in a profile on Matrix beside name and picture may change without a word to us.
    await followProfile(sender, true, deps)
    const now = (await deps.store.findLocalActor(actor.id)) ?? actor
    return { text: [...line, shown(now, context)].join('\n'), actions }
  }
  const part = parts.find((one) => one.name === name.toLowerCase())
  if (part === undefined) {
    const guess = nearest(
      name.toLowerCase(),
      parts.map((one) => one.name),
    )
    return guess === undefined
      ? usage(profile)
      : { text: `There is no ${quote(name)}. Did you mean \`profile ${guess}\`?` }
  }
  const result = await part.set(input.text, actor, context)
  if ('refused' in result) return { text: result.refused }
  return {
    text: [...line, result.text].join('\n'),
    actions: [...actions, ...changeProfile(actor, result.change)],
  }
}

export const profile: Command = {
  name: 'profile',
  args: '[what] [value]',
  help: 'Shows your profile on the fediverse, or changes a part of it.',
  more: `${parts.map((part) => `\`${part.name}\`: ${part.help}`).join('; ')}. \`reset\` as the value takes back a name, text or picture. Where you set none, those of your Matrix profile are used.`,
  examples: [
    'profile',
    'profile bio I like cats.',
    'profile field Website https://example.org',
    'profile locked on',
  ],
  group: 'You',
  permission: 'user',
  takes: [0, 1],
  takesText: true,
  doing: () => 'Changing your profile.',
  run: change,
}
