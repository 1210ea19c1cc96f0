import type { Finding } from '../model/finding.ts'
import type { HttpResponse } from '../model/http.ts'
import { jsonOf, shorten } from './ask.ts'
import { failed, ok, skipped } from './findings.ts'
import { anew, callerOf, errcodeOf } from './homeserver.ts'
import type { Means, Patient } from './ports.ts'

type Scene = { readonly patient: Patient; readonly means: Means }

const why = 'What people write on Matrix does not reach Footbridge; it waits at the homeserver.'

/** The status that the homeserver got from whoever it reached. */
const statusOf = (answer: HttpResponse): number | undefined => {
  const status = jsonOf(answer)?.['status']
  return typeof status === 'number' ? status : undefined
}

function unreachable({ patient, means }: Scene, code: string): Finding {
  const { url, bind, port } = patient.appservice
  return failed('ping', 'homeserver-cannot-reach-us', {
    what: `the homeserver does not reach Footbridge at the url of its registration (${code}); in ${patient.configFile} it is ${url}, and Footbridge listens on ${bind}:${port}.`,
    why,
    mend: `In ${patient.configFile}, under appservice: url: <http://host:${port} as the homeserver reaches this machine>, and bind: 0.0.0.0 where that is another machine or container; then ${anew(patient, means.registration())}`,
  })
}

function badStatus({ patient, means }: Scene, status: number | undefined): Finding {
  const isToken = status === 401 || status === 403
  return failed('ping', isToken ? 'wrong-token' : 'another-bridge', {
    what: isToken
      ? 'the homeserver has another hs_token than Footbridge.'
      : `another program answers where the homeserver looks for Footbridge${status === undefined ? '' : ` (status ${status})`}.`,
    why,
    mend: isToken
      ? anew(patient, means.registration())
      : `In ${patient.configFile}, under appservice: url: <where Footbridge is>; then ${anew(patient, means.registration())}`,
  })
}

function refusal(scene: Scene, answer: HttpResponse): Finding {
  const { patient, means } = scene
  const code = errcodeOf(answer)
  switch (code) {
    case 'M_CONNECTION_FAILED':
    case 'M_CONNECTION_TIMEOUT':
      return unreachable(scene, code)
    case 'M_URL_NOT_SET':
      return unreachable(scene, 'there is none')
    case 'M_BAD_STATUS':
      return badStatus(scene, statusOf(answer))
    case 'M_FORBIDDEN':
      return failed('ping', 'homeserver-refused', {
        what: `the homeserver knows this registration by another id than ${patient.appservice.id}.`,
        why: 'It does not send what it held back while Footbridge was away.',
        mend: anew(patient, means.registration()),
      })
    default:
      if (answer.status === 404 || code === 'M_UNRECOGNIZED')
        return skipped(
          'ping',
          'the homeserver knows no ping (Matrix 1.7): write to the bot to see. What else is missing there: docs/deploying.md#homeservers',
        )
      return failed('ping', 'homeserver-refused', {
        what: `the homeserver did not try to reach Footbridge: ${shorten(`${answer.status} ${code}`)}.`,
        why,
        mend: "Look into the homeserver's log",
      })
  }
}

/** Has the homeserver call us back, and looks whether it was us whom it called. */
export async function examinePing(scene: Scene, id: string): Promise<Finding> {
  const { patient, means } = scene
  const { appservice } = patient
  if (!means.isRunning && means.listeners.appservice.state !== 'ours')
    return skipped('ping', 'not looked at: nothing of Footbridge listens for the homeserver.')
  const answer = await callerOf(scene)(`v1/appservice/${encodeURIComponent(appservice.id)}/ping`, {
    method: 'POST',
    json: { transaction_id: id },
  })
  if ('silent' in answer)
    return skipped('ping', `the homeserver gave no answer in time: ${answer.silent}.`)
  if (answer.status !== 200) return refusal(scene, answer)
  if (means.heardPing(id) === false) {
    return failed('ping', 'another-bridge', {
      what: 'the homeserver reaches a Footbridge, but not this one.',
      why: 'Another process with the same tokens gets what people write on Matrix.',
      mend: `Stop the other Footbridge, or in ${patient.configFile}, under appservice: url: <where this one is>; then ${anew(patient, means.registration())}`,
    })
  }
  return ok('ping', 'the homeserver and Footbridge reach each other.')
}
