import { loadConfig } from '../../src/config/load.ts'
import type { Loaded } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import type { Config } from '../../src/config/config.ts'

/** A valid file; tests change one line of it at a time. */
export const validFile = `homeserver:
  url: http://127.0.0.1:8008
  server_name: example.org
appservice:
  as_token: as-token-of-the-tests
  hs_token: hs-token-of-the-tests
activitypub:
  public_url: https://fedi.example.org
  handle_domain: example.org
permissions:
  example.org: user
encryption_key: encryption-key-of-the-tests-1234567
`

export function load(
  text: string | undefined,
  environment: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Loaded {
  return loadConfig({
    ...(text === undefined ? {} : { file: { path: '/etc/footbridge/config.yaml', text } }),
    environment,
    folder: '/srv',
    readFile(path) {
      const content = files[path]
      if (content === undefined) throw new Error('ENOENT: no such file')
      return content
    },
  })
}

export function configOf(loaded: Loaded): Config {
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded.config
}

/** The problems as an administrator sees them, the folder left out. */
export const problemsOf = (loaded: Loaded): readonly string[] =>
  'problems' in loaded
    ? loaded.problems.map((one) => formatProblem(one).replaceAll('/etc/footbridge/', ''))
    : []

export const warningsOf = (loaded: Loaded): readonly string[] =>
  'warnings' in loaded
    ? loaded.warnings.map((one) => formatProblem(one).replaceAll('/etc/footbridge/', ''))
    : []
