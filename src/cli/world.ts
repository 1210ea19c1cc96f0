import type { Config } from '../config/config.ts'
import type { Answered } from '../console/lines.ts'
import type { Loaded } from '../config/load.ts'
import type { Environment } from '../config/environment.ts'
import type { Finding } from '../model/finding.ts'
import type { Random } from '../model/clock.ts'
import type { Http } from '../model/http.ts'

/** The person or script in front of us. */
export type Terminal = {
  /** Lines of the result, to standard output. */
  readonly out: (text: string) => void
  /** Everything else: errors, warnings. */
  readonly err: (text: string) => void
  /** Asks and waits for a line; undefined at Ctrl-C and Ctrl-D. Absent where nobody can answer. */
  readonly ask?: (question: string) => Promise<string | undefined>
}

export type Connection = { readonly http: Http; readonly close: () => Promise<void> }

/** `reach`: a server of the fediverse to be asked for; undefined: the usual one. */
export type DoctorPlace = {
  readonly configFile: string | undefined
  readonly reach: string | undefined
}

/** The bridge as `main.ts` builds it. */
export type Bridge = {
  stop(): Promise<void>
  /** Takes what may change while it runs; says in its log what it took or why it took nothing. */
  reload(loaded: Loaded): void
}

/** Everything the commands touch outside of themselves. */
export type World = {
  readonly terminal: Terminal
  readonly environment: Environment
  /** The working directory. */
  readonly folder: string
  readonly version: string
  readonly random: Random
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** To any web server, private ones too: the administrator named them. */
  readonly openWeb: () => Promise<Connection>
  /** To one server. */
  readonly openServer: (baseUrl: string) => Promise<Connection>
  /** `configFile`: undefined where the environment says everything. */
  readonly startBridge: (config: Config, configFile: string | undefined) => Promise<Bridge>
  /** Looks at everything that has to be right; the bridge may run or not. */
  readonly examine: (config: Config, place: DoctorPlace) => Promise<readonly Finding[]>
  /** Has the bridge that listens on that socket do what was typed. */
  readonly askBridge: (path: string, words: readonly string[]) => Promise<Answered>
  /** Calls back at each request to stop (SIGTERM, SIGINT), until the result is called. */
  readonly onStop: (callback: () => void) => () => void
  /** Calls back at each request to read the configuration again (SIGHUP), until the result is called. */
  readonly onReload: (callback: () => void) => () => void
  /** Ends the process at once. */
  readonly abandon: () => void
}
