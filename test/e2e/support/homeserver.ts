import { demand } from './json-http.ts'
import { makeMatrixClient, type MatrixClient } from './matrix-client.ts'
import type { Running } from './process.ts'

/** A homeserver as a process on loopback, with a database of its own. */
export type Homeserver = {
  readonly url: string
  readonly serverName: string
  readonly port: number
  /** Registers a user (`@name:serverName`) and logs in. */
  register(name: string): Promise<MatrixClient>
  /** The same data and port again, after `stop` or `kill`. */
  start(): Promise<void>
  stop(): Promise<void>
  kill(): Promise<void>
  /** Takes connections and answers nothing, until `thaw`. */
  freeze(): void
  thaw(): void
  /** What the server logged, for a failing test's message. */
  output(): string
}

/** What every homeserver that stands beside the bridge is told. */
export type HomeserverOptions = {
  /** Of the application service, read at each start. */
  readonly registrationFile: string
  readonly serverName: string
  readonly port: number
}

type Login = { readonly userId: string; readonly accessToken: string }

/** Where anybody may register. */
async function registerOpenly(url: string, name: string): Promise<Login> {
  const answer = await demand<{ user_id: string; access_token: string }>({
    method: 'POST',
    url: `${url}/_matrix/client/v3/register`,
    json: { username: name, password: `${name}-password`, auth: { type: 'm.login.dummy' } },
  })
  return { userId: answer.user_id, accessToken: answer.access_token }
}

type Place = Pick<Homeserver, 'url' | 'serverName' | 'port'>

/** A homeserver that `launch` starts, now and after each end, and where anybody may register. */
export async function launched(place: Place, launch: () => Promise<Running>): Promise<Homeserver> {
  const { url } = place
  let running = await launch()
  return {
    ...place,
    register: async (name) => makeMatrixClient({ url, ...(await registerOpenly(url, name)) }),
    start: async () => {
      running = await launch()
    },
    stop: () => running.stop(),
    kill: () => running.kill(),
    freeze: () => running.freeze(),
    thaw: () => running.thaw(),
    output: () => running.output(),
  }
}
