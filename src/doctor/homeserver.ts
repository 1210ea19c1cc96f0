import type { Finding } from '../model/finding.ts'
import type { HttpResponse } from '../model/http.ts'
import { ask, jsonOf, looksOf, textAt, type Question, type Silence } from './ask.ts'
import { failed, ok, skipped, warning } from './findings.ts'
import type { Means, Patient, RegistrationFile } from './ports.ts'

type Scene = { readonly patient: Patient; readonly means: Means }

/** One call of the client-server API as the application service. */
export type Call = (
  path: string,
  question?: Partial<Omit<Question, 'url'>> & { readonly json?: object; readonly token?: string },
) => Promise<HttpResponse | Silence>

export const callerOf =
  ({ patient, means }: Scene): Call =>
  (path, { json, token = patient.appservice.asToken, ...question } = {}) =>
    ask(means.homeserver, {
      ...question,
      url: `${patient.homeserver.url}/_matrix/client/${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })

export const errcodeOf = (answer: HttpResponse): string =>
  textAt(jsonOf(answer), 'errcode') ?? 'no errcode'

/** The command that writes the registration anew. */
export const anew = ({ configFile }: Patient, registration: RegistrationFile | undefined): string =>
  `footbridge registration -c ${configFile} > ${registration?.path ?? 'registration.yaml'}, then restart the homeserver`

async function answers({ patient, means }: Scene): Promise<Finding> {
  const { url } = patient.homeserver
  const why = 'Nothing from Matrix comes in and nothing goes out; it waits until it is mended.'
  const answer = await ask(means.homeserver, { url: `${url}/_matrix/client/versions` })
  if ('silent' in answer) {
    return failed('homeserver', 'homeserver-unreachable', {
      what: `nothing answers at ${url}: ${answer.silent}.`,
      why,
      mend: `Start the homeserver, or in ${patient.configFile}, under homeserver: url: <its address as this machine reaches it>`,
    })
  }
  const versions = jsonOf(answer)?.['versions']
  if (answer.status === 200 && Array.isArray(versions)) {
    const newest = versions.filter((one) => typeof one === 'string').at(-1)
    return ok('homeserver', `${url} answers${newest === undefined ? '' : `, Matrix ${newest}`}.`)
  }
  return failed('homeserver', 'not-a-homeserver', {
    what: `something else than a homeserver answers at ${url}: ${looksOf(answer)}.`,
    why,
    mend: `In ${patient.configFile}, under homeserver: url: <the homeserver's own address, such as http://127.0.0.1:8008>; a proxy in between has to pass on /_matrix`,
  })
}

const lost = 'The homeserver takes nothing from Footbridge: no room, no message, no account.'

async function unknownToken(scene: Scene): Promise<Finding> {
  const { patient, means } = scene
  const { configFile, appservice } = patient
  const file = means.registration()
  if (file === undefined || file.asToken === appservice.asToken) {
    return failed('token', 'registration-not-loaded', {
      what: 'the homeserver does not know as_token: it has not loaded the registration.',
      why: lost,
      mend:
        file === undefined
          ? `footbridge registration -c ${configFile} > registration.yaml; then in homeserver.yaml: app_service_config_files: [<its whole path>], and restart the homeserver`
          : `In homeserver.yaml: app_service_config_files: [${file.path}], then restart the homeserver`,
    })
  }
  const theirs = await callerOf(scene)('v3/account/whoami', { token: file.asToken })
  const isLoaded = !('silent' in theirs) && theirs.status === 200
  return failed('token', 'wrong-token', {
    what: isLoaded
      ? `as_token in ${configFile} is not the one in ${file.path}, which the homeserver knows.`
      : `as_token in ${configFile} is not the one in ${file.path}, and the homeserver knows neither.`,
    why: lost,
    mend: isLoaded
      ? `In ${configFile}, under appservice: as_token and hs_token: <those of ${file.path}>`
      : anew(patient, file),
  })
}

function judgeUser(userId: string, patient: Patient): Finding {
  const { homeserver, appservice, configFile } = patient
  const bot = `@${appservice.botLocalpart}:${homeserver.serverName}`
  if (userId === bot) return ok('token', `the homeserver knows as_token, and ${bot} by it.`)
  const colon = userId.indexOf(':')
  const [localpart, serverName] = [userId.slice(1, colon), userId.slice(colon + 1)]
  if (serverName !== homeserver.serverName) {
    return failed('token', 'wrong-server-name', {
      what: `the homeserver is ${serverName}, not ${homeserver.serverName}.`,
      why: 'It refuses every account that Footbridge would make, for they are on another server.',
      mend: `In ${configFile}, under homeserver: server_name: ${serverName}; then the registration anew`,
    })
  }
  return failed('token', 'wrong-bot', {
    what: `the registration that the homeserver has loaded names ${userId} as the bot, not ${bot}.`,
    why: 'Who writes to the bot would not be heard.',
    mend: `In ${configFile}, under appservice: bot_localpart: ${localpart}; or ${anew(patient, undefined)}`,
  })
}

/** `isKnown`: calls with the token are worth asking. */
async function token(
  scene: Scene,
): Promise<{ readonly finding: Finding; readonly isKnown: boolean }> {
  const answer = await callerOf(scene)('v3/account/whoami')
  if ('silent' in answer) {
    const what = `the homeserver did not say whose as_token is: ${answer.silent}.`
    return { finding: skipped('token', what), isKnown: false }
  }
  const userId = textAt(jsonOf(answer), 'user_id')
  if (answer.status === 200 && userId !== undefined) {
    const finding = judgeUser(userId, scene.patient)
    return { finding, isKnown: finding.result === 'ok' }
  }
  if (answer.status === 401 || errcodeOf(answer) === 'M_UNKNOWN_TOKEN')
    return { finding: await unknownToken(scene), isKnown: false }
  const finding = failed('token', 'homeserver-refused', {
    what: `the homeserver refuses the bot: ${answer.status} ${errcodeOf(answer)}.`,
    why: lost,
    mend: `Look into the homeserver's log; then ${anew(scene.patient, scene.means.registration())}`,
  })
  return { finding, isKnown: false }
}

const register = (call: Call, username: string) =>
  call('v3/register', {
    method: 'POST',
    json: { type: 'm.login.application_service', username, inhibit_login: true },
  })

const isTaken = (answer: HttpResponse | Silence): boolean =>
  !('silent' in answer) && (answer.status === 200 || errcodeOf(answer) === 'M_USER_IN_USE')

/** Never the name of a fediverse account, which has a host behind a second `_`. */
const probe = 'doctor'

/** Whether bot and accounts of the fediverse are ours to act as. The bridge makes the bot at its start as well. */
async function names(scene: Scene): Promise<Finding> {
  const { patient, means } = scene
  const { appservice, homeserver, configFile } = patient
  const { botLocalpart, prefix } = appservice
  const call = callerOf(scene)
  const bot = await register(call, botLocalpart)
  if (!('silent' in bot) && errcodeOf(bot) === 'M_EXCLUSIVE') {
    return failed('names', 'bot-taken', {
      what: `the homeserver keeps @${botLocalpart}:${homeserver.serverName} for another application service.`,
      why: 'Two programs would answer as one bot, or neither.',
      mend: `Take the other registration out of homeserver.yaml, or in ${configFile}, under appservice: bot_localpart: ${botLocalpart}2; then ${anew(patient, means.registration())}`,
    })
  }
  const ghost = await register(call, `${prefix}${probe}`)
  if (!isTaken(bot) || !isTaken(ghost)) {
    const bad = isTaken(bot) ? ghost : bot
    if ('silent' in bad) return skipped('names', `the homeserver did not answer: ${bad.silent}.`)
    return failed('names', 'namespaces', {
      what: `the registration that the homeserver has loaded does not give accounts @${prefix}… to Footbridge (${errcodeOf(bad)}).`,
      why: 'No account of the fediverse can appear on Matrix.',
      mend: anew(patient, means.registration()),
    })
  }
  return ok('names', `the bot and accounts @${prefix}… are ours.`)
}

/** Clients cannot take encryption out of a room again, so one room of our own shows it. */
async function encryption(scene: Scene): Promise<Finding> {
  const call = callerOf(scene)
  const json = { preset: 'private_chat', name: 'Footbridge doctor' }
  const made = await call('v3/createRoom', { method: 'POST', json })
  const roomId = 'silent' in made ? undefined : textAt(jsonOf(made), 'room_id')
  if (roomId === undefined)
    return skipped('encryption', 'the bot could not make a room to look at.')
  const room = `v3/rooms/${encodeURIComponent(roomId)}`
  const state = await call(`${room}/state/m.room.encryption/`)
  for (const way of ['leave', 'forget']) await call(`${room}/${way}`, { method: 'POST', json: {} })
  if ('silent' in state || state.status !== 200)
    return ok('encryption', 'rooms are not encrypted by themselves.')
  return failed('encryption', 'encryption-forced', {
    what: 'the homeserver encrypts every new room by itself.',
    why: 'Footbridge cannot read encrypted rooms, so there is no chat with the bot that works.',
    mend: 'In homeserver.yaml: encryption_enabled_by_default_for_room_type: off, then restart the homeserver',
  })
}

/** A copy that the homeserver reads may be older than the configuration. */
function sameFile({ patient, means }: Scene): readonly Finding[] {
  const file = means.registration()
  const { appservice } = patient
  if (file === undefined) return []
  const differing = (
    [
      ['hs_token', file.hsToken, appservice.hsToken],
      ['url', file.url, appservice.url],
      ['id', file.id, appservice.id],
    ] as const
  ).filter(([, theirs, ours]) => theirs !== ours)
  if (differing.length === 0) return []
  const which = differing.map(([name]) => name).join(', ')
  return [
    warning('names', 'homeserver-refused', {
      what: `${file.path} differs from ${patient.configFile} in ${which}.`,
      why: 'If the homeserver reads this file, it sends to the wrong place or with the wrong token.',
      mend: anew(patient, file),
    }),
  ]
}

/** What the homeserver says of us. `isKnown`: it takes what we send. */
export async function examineHomeserver(
  scene: Scene,
): Promise<{ readonly findings: readonly Finding[]; readonly isKnown: boolean }> {
  const first = await answers(scene)
  if (first.result !== 'ok') {
    const what = 'not looked at: the homeserver does not answer.'
    return {
      findings: [first, skipped('token', what), skipped('names', what)],
      isKnown: false,
    }
  }
  const { finding, isKnown } = await token(scene)
  const rest = isKnown ? [await names(scene), await encryption(scene)] : []
  return { findings: [first, finding, ...sameFile(scene), ...rest], isKnown }
}
