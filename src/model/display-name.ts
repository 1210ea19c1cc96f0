import { displayHandle, safeName } from './target.ts'
import type { Handle } from './handle.ts'

/** What the bot is called in Matrix. */
export const botName = 'Footbridge'

/** Letters of other scripts, and signs, that look like the Latin ones of names of ours. */
const lookalikes: readonly (readonly [looks: RegExp, like: string])[] = [
  [/[аɑα@4]/gu, 'a'],
  [/[ьƅʙв]/gu, 'b'],
  [/[ԁɗ]/gu, 'd'],
  [/[еєҽε3]/gu, 'e'],
  [/[ғƒ]/gu, 'f'],
  [/[ɡցǥ9]/gu, 'g'],
  [/[іιıɩӏl1|!]/gu, 'i'],
  [/[оοօσ0]/gu, 'o'],
  [/[рρ]/gu, 'p'],
  [/[гʀɾ]/gu, 'r'],
  [/[тτᴛ7]/gu, 't'],
]

/** Two texts that people could take for each other have one skeleton. */
function skeletonOf(text: string): string {
  const bare = text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]+/gu, '')
    .toLowerCase()
  const latin = lookalikes.reduce((now, [looks, like]) => now.replace(looks, like), bare)
  return latin.replace(/[^\p{L}\p{N}]+/gu, '')
}

const botSkeleton = skeletonOf(botName)

/** `@alice:example.org`, `#room:example.org`, or what rings for a whole room. */
const matrixName =
  /[@#!＠﹫＃﹟！][^\s:：]*[:：]\S|^\s*[@＠﹫]\s*(?:room|here|everyone|channel|all)\b/iu

/** Whether the name says that somebody on Matrix, the bot or a command speaks. */
function isMisleading(name: string, commandPrefix: string | undefined): boolean {
  if (matrixName.test(name)) return true
  const plain = name.normalize('NFKC').toLowerCase()
  if (commandPrefix !== undefined && plain.startsWith(commandPrefix.toLowerCase())) return true
  return skeletonOf(name).startsWith(botSkeleton)
}

const showsNothing = (text: string): boolean =>
  /^[\s\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text)

/**
 * What a remote account is called in Matrix, at most 100 characters: its own name, else its user
 * name; its handle where the name would pass for the bot, a Matrix user or a command.
 */
export function accountName(
  account: Handle & { readonly name?: string },
  { commandPrefix }: { readonly commandPrefix?: string } = {},
): string {
  const stated = safeName(account.name ?? '', 100)
  const name = showsNothing(stated) ? safeName(account.username, 100) : stated
  return isMisleading(name, commandPrefix) ? safeName(displayHandle(account), 100) : name
}
