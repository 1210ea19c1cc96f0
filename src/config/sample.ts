import { stringify } from 'yaml'
import { allSettings, sectionAbout } from './settings.ts'
import type { Entry } from './settings.ts'

const head = `# Footbridge configuration.
#
# "#name: value" shows a default. Every setting can also be given by the environment, which wins
# over this file: appservice.port is FOOTBRIDGE_APPSERVICE_PORT. Lists are comma separated there
# (FOOTBRIDGE_PERMISSIONS=example.org=user,@me:example.org=admin), and the secrets may come from
# files (FOOTBRIDGE_APPSERVICE_AS_TOKEN_FILE=/run/secrets/as_token).
# "footbridge check -c <this file>" says what is wrong with it, and starts nothing.
`

/**
 * The configuration file as text: every setting with its description, those in `values` (by path,
 * as in `homeserver.url`) filled in, the others as comments showing the default.
 */
export function printConfig(values: ReadonlyMap<string, unknown>): string {
  let text = head
  let section: string | undefined
  for (const entry of allSettings()) {
    const [first, key] = entry.path
    if (first !== section && key !== undefined)
      text += `\n# ${sectionAbout[String(first)] ?? ''}\n${String(first)}:`
    section = first
    text += printSetting(entry, values.get(entry.path.join('.')))
  }
  return text
}

/** The committed `config.sample.yaml`. */
export function printSample(): string {
  const samples = allSettings().flatMap(({ path, setting }) =>
    setting.sample === undefined ? [] : ([[path.join('.'), setting.sample]] as const),
  )
  return printConfig(new Map(samples))
}

function printSetting({ path, setting }: Entry, value: unknown): string {
  const indent = path.length > 1 ? '  ' : ''
  const about = setting.about.map((line) => `${indent}# ${line}\n`).join('')
  const name = String(path.at(-1))
  const lines =
    value === undefined
      ? block(name, setting.derived ?? setting.fallback, `${indent}#`)
      : block(name, value, indent)
  // Without a description it belongs to the setting above.
  return `${about === '' ? '' : '\n'}${about}${lines}`
}

function block(name: string, value: unknown, indent: string): string {
  const text = stringify({ [name]: value }, { lineWidth: 0, collectionStyle: 'any' })
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${indent}${line}\n`)
    .join('')
}
