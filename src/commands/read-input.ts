import type { Command, CommandInput } from './command.ts'

/** Keyboards make one long dash of two. */
const optionForm = /^(?:--|[—–])(\w[\w-]*)$/

/** `--name`, however it was typed; undefined for a word. */
const optionOf = (word: string): string | undefined => {
  const [, name] = optionForm.exec(word) ?? []
  return name === undefined ? undefined : `--${name.toLowerCase()}`
}

/** One word, or what stands in a pair of quotes, and what comes after it. */
const nextForm = /^\s*(?:"([^"]*)"|“([^”]*)”|„([^“”]*)[“”]|(\S+))/

function next(line: string): { readonly word: string; readonly rest: string } | undefined {
  const match = nextForm.exec(line)
  if (match === null) return undefined
  const [whole, straight, curly, low, plain] = match
  return { word: straight ?? curly ?? low ?? plain ?? '', rest: line.slice(whole.length) }
}

type Reading = {
  readonly args: string[]
  readonly options: Set<string>
  readonly values: Map<string, string>
}

const takesValue = (command: Command, option: string): boolean =>
  command.valueOptions?.includes(option) === true

/** The words of a command that ends in free text: options come first, line ends of the text are kept. */
export function readText(command: Command, line: string): CommandInput {
  const { args, options, values }: Reading = { args: [], options: new Set(), values: new Map() }
  let rest = line
  for (let token = next(rest); token !== undefined; token = next(rest)) {
    const option = optionOf(token.word)
    if (option === undefined && args.length === command.takes[1]) break
    rest = token.rest
    if (option === undefined) {
      args.push(token.word)
    } else if (takesValue(command, option)) {
      const value = next(rest)
      values.set(option, value?.word ?? '')
      rest = value?.rest ?? ''
    } else {
      options.add(option)
    }
  }
  return { args, options, values, text: rest.trim() }
}

/** The words of any other command, in which options may stand anywhere. */
export function readWords(command: Command, words: readonly string[]): CommandInput {
  const { args, options, values }: Reading = { args: [], options: new Set(), values: new Map() }
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    const option = optionOf(word)
    if (option === undefined) {
      args.push(word)
    } else if (takesValue(command, option)) {
      index += 1
      values.set(option, words[index] ?? '')
    } else {
      options.add(option)
    }
  }
  return { args, options, values, text: '' }
}

/** The words of any command as a shell hands them over, each whole: where text may follow, the rest is that. */
export function readTyped(command: Command, words: readonly string[]): CommandInput {
  if (command.takesText !== true) return readWords(command, words)
  let args = 0
  let at = 0
  for (; at < words.length; at += 1) {
    const option = optionOf(words[at] ?? '')
    if (option === undefined && args === command.takes[1]) break
    if (option === undefined) args += 1
    else if (takesValue(command, option)) at += 1
  }
  return { ...readWords(command, words.slice(0, at)), text: words.slice(at).join(' ').trim() }
}

/** Whether so many words and only known options were given. */
export function fits(command: Command, input: CommandInput): boolean {
  const [least, most] = command.takes
  const { length } = input.args
  const known = [...(command.options ?? []), ...(command.valueOptions ?? [])]
  return (
    length >= least &&
    length <= most &&
    [...input.options, ...input.values.keys()].every((option) => known.includes(option))
  )
}
