/** What a release makes of the fragments in `changelog.d/`. */

export type Fragment = { readonly name: string; readonly text: string }

const titles = {
  security: 'Security',
  feature: 'New',
  fix: 'Mended',
  removal: 'Gone',
} as const

type Kind = keyof typeof titles

const nameForm = /^\d+-[a-z0-9-]+\.(feature|fix|removal|security)\.md$/

/** Its kind, from its name. Undefined for a name that is none. */
const kindOf = (name: string): Kind | undefined => nameForm.exec(name)?.[1] as Kind | undefined

/** What is wrong with a fragment; undefined: nothing. */
export function faultOf({ name, text }: Fragment): string | undefined {
  if (kindOf(name) === undefined) return `${name}: it is to be named like 6-queue.feature.md`
  const words = text.trim()
  if (words === '') return `${name}: it says nothing`
  if (/^#|\n\s*\n/m.test(words)) return `${name}: it is more than one paragraph`
  return words.length > 1_000 ? `${name}: it is longer than three sentences` : undefined
}

const versionForm = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/

const numbersOf = (version: string): readonly number[] =>
  (versionForm.exec(version) ?? []).slice(1).map(Number)

/** What is wrong with the next version; undefined: it is one of semver, and higher. */
export function faultOfVersion(next: string, last: string): string | undefined {
  const [before, after] = [numbersOf(last), numbersOf(next)]
  if (after.length !== 3) return `${next} is no version like 1.2.3`
  const first = after.findIndex((number, index) => number !== before[index])
  return first >= 0 && (after[first] ?? 0) > (before[first] ?? 0)
    ? undefined
    : `${next} is not higher than ${last}`
}

const entryOf = ({ text }: Fragment): string => `- ${text.trim().replace(/\s*\n\s*/g, '\n  ')}`

/** The section of a version, by kinds. */
export function sectionOf(
  fragments: readonly Fragment[],
  { version, date }: { readonly version: string; readonly date: string },
): string {
  const parts = (Object.keys(titles) as Kind[]).flatMap((kind) => {
    const entries = fragments
      .filter(({ name }) => kindOf(name) === kind)
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
      .map(entryOf)
    return entries.length === 0 ? [] : [`### ${titles[kind]}\n\n${entries.join('\n')}`]
  })
  return [`## ${version} (${date})`, ...parts].join('\n\n')
}

const unreleased = '## Unreleased'

/**
 * The changelog with that section. What stood under “Unreleased” becomes its first paragraph. Throws an
 * Error where there is no such heading.
 */
export function withSection(changelog: string, section: string): string {
  const start = changelog.indexOf(`${unreleased}\n`)
  if (start < 0) throw new Error(`CHANGELOG.md has no "${unreleased}"`)
  const after = changelog.slice(start + unreleased.length)
  const end = after.search(/^## /m)
  const words = (end < 0 ? after : after.slice(0, end)).trim()
  const older = end < 0 ? '' : `\n${after.slice(end)}`
  const [heading = '', ...rest] = section.split('\n\n')
  const whole = [heading, ...(words === '' ? [] : [words]), ...rest].join('\n\n')
  return `${changelog.slice(0, start)}${unreleased}\n\n${whole}\n${older}`
}
