import type { Finding } from '../model/finding.ts'
import { ask } from './ask.ts'
import { failed, ok, skipped } from './findings.ts'
import type { Means, Patient } from './ports.ts'

/** Whether a server of the fediverse can be asked, as the bridge asks. */
export async function examineOutbound(patient: Patient, means: Means): Promise<Finding> {
  const { reach, isTestNetwork } = patient
  if (reach === undefined)
    return skipped(
      'outbound',
      'no server was named to be reached; `footbridge doctor --reach <host>` names one.',
    )
  const scheme = isTestNetwork ? 'http' : 'https'
  const answer = await ask(means.world, { url: `${scheme}://${reach}/.well-known/nodeinfo` })
  if (!('silent' in answer)) return ok('outbound', `${reach} answers.`)
  return failed('outbound', 'outbound', {
    what: `${reach} cannot be reached from here: ${answer.silent}.`,
    why: 'Footbridge can neither look up accounts nor deliver what people write.',
    mend: hintOf(answer.code),
  })
}

function hintOf(code: string): string {
  if (code === 'forbidden-address')
    return 'Name a server on the public internet (--reach), or one that network.allow_private lets in'
  if (/^(?:ENOTFOUND|EAI_AGAIN)$/.test(code))
    return 'Mend the name server of this machine: getent hosts mastodon.social has to print an address; in a container, its dns option'
  if (/^(?:CERT_|UNABLE_|DEPTH_|SELF_|ERR_TLS)/.test(code))
    return 'Install the usual authorities (ca-certificates), and look for a proxy that opens TLS on the way out'
  return 'Let outgoing connections to port 443 through the firewall, from the user or container that Footbridge runs as'
}
