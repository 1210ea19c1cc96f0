import type { AdminBlocks, BlockLine, SuspendedLine } from '../../model/admin-view.ts'
import type { Blocklist } from '../../model/blocklist.ts'
import { isLetIn, longestComment } from '../../model/domain-block.ts'
import { html, type Html } from '../pages/html.ts'
import { toDay, toMinute } from '../pages/words.ts'
import { about, actForm, type AdminView, type Viewer } from './view.ts'

/** Whoever had themselves forgotten is not known any more. */
const sinceView = (by: string, at: number): Html =>
  html`<p class="fine">Since ${toDay(at)}${by !== '' && `, by ${by}`}</p>`

function domainView(block: BlockLine, viewer: Viewer): Html {
  const { domain, effect, reason, publicComment, isObfuscated, by, at } = block
  return html`<li>
    <div class="line">
      <p class="what">${domain}</p>
      <span class="tag ${isLetIn(block) ? 'good' : 'bad'}">
        ${isLetIn(block) ? 'Let in' : block.severity === 'suspend' ? 'Blocked' : 'In part'}
      </span>
    </div>
    <p>${effect.charAt(0).toUpperCase() + effect.slice(1)}.</p>
    ${isObfuscated === true && html`<p>Its name is shown in part.</p>`}
    ${publicComment !== undefined && html`<p>Everybody reads: ${publicComment}</p>`}
    ${reason !== undefined && html`<p>Reason: ${reason}</p>`} ${sinceView(by, at)}
    <div class="acts">
      ${actForm(viewer, {
        act: 'unblock',
        fields: { domain },
        inside: html`<button>Take it back${about(`of ${domain}`)}</button>`,
      })}
      ${
        publicComment !== undefined &&
        actForm(viewer, {
          act: 'without-comment',
          fields: { domain },
          inside: html`<button>Remove what everybody reads${about(`of ${domain}`)}</button>`,
        })
      }
    </div>
  </li>`
}

const nameField = (label: string, name: string, example: string): Html =>
  html`<div>
    <label for="${name}">${label}</label>
    <input
      type="text"
      id="${name}"
      name="${name}"
      required
      maxlength="300"
      placeholder="${example}"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
    />
  </div>`

const choice = (
  type: 'radio' | 'checkbox',
  { name, value, isChecked = false }: { name: string; value: string; isChecked?: boolean },
  text: Html,
): Html =>
  html`<label>
    <input type="${type}" name="${name}" value="${value}" ${isChecked && html`checked`} />
    <span>${text}</span>
  </label>`

const commentField = (label: string, name: string): Html =>
  html`<div>
    <label for="${name}">${label}</label>
    <input
      type="text"
      id="${name}"
      name="${name}"
      maxlength="${longestComment}"
      autocomplete="off"
    />
  </div>`

/** Where everybody may read what is blocked. */
const nameShown = html`<fieldset>
  <legend>Its name on the page about this server, which everybody may read</legend>
  ${choice(
    'radio',
    { name: 'shown', value: 'as-before', isChecked: true },
    html`As it was shown before; whole where it is new`,
  )}
  ${choice('radio', { name: 'shown', value: 'in-part' }, html`In part`)}
  ${choice('radio', { name: 'shown', value: 'whole' }, html`Whole`)}
</fieldset>`

const blockForm = (viewer: Viewer): Html =>
  actForm(viewer, {
    act: 'block',
    inside: html`<div class="fields-form">
      ${nameField('Domain', 'domain', 'spam.example')}
      <fieldset>
        <legend>How much of it</legend>
        ${choice(
          'radio',
          { name: 'severity', value: 'suspend', isChecked: true },
          html`<b>Everything.</b> Nothing comes from there, and nothing goes there.`,
        )}
        ${choice(
          'radio',
          { name: 'severity', value: 'silence' },
          html`<b>What nobody asked for.</b> Its people reach only those who follow them.`,
        )}
        ${choice(
          'radio',
          { name: 'severity', value: 'part' },
          html`<b>In part:</b> only what is chosen below.`,
        )}
        ${choice(
          'radio',
          { name: 'severity', value: 'allow' },
          html`<b>Nothing.</b> It is let in, whatever lists say.`,
        )}
      </fieldset>
      <fieldset>
        <legend>Also</legend>
        ${choice('checkbox', { name: 'media', value: 'on' }, html`Take no files and pictures from it`)}
        ${choice('checkbox', { name: 'reports', value: 'on' }, html`Take no reports from it`)}
      </fieldset>
      ${nameShown} ${commentField('Reason, for admins (not needed)', 'reason')}
      ${commentField('Comment, for everybody (not needed)', 'comment')}
      <p class="fine">Of a server that is blocked already, what is left empty stays as it was.</p>
      <div><button class="main">Save</button></div>
    </div>`,
  })

function suspendedView({ id, handle, by, at }: SuspendedLine, viewer: Viewer): Html {
  return html`<li>
    <p class="what">${handle}</p>
    ${sinceView(by, at)}
    <div class="acts">
      ${actForm(viewer, {
        act: 'unsuspend',
        fields: { account: id },
        inside: html`<button>Let it come again${about(handle)}</button>`,
      })}
    </div>
  </li>`
}

const suspendForm = (viewer: Viewer): Html =>
  actForm(viewer, {
    act: 'suspend',
    inside: html`<div class="fields-form">
      ${nameField('Account', 'account', '@user@social.example')}
      <p class="fine">
        It is kept away from everybody here, what is here of it is removed, and follows in both
        directions end.
      </p>
      <div><button class="main">Suspend it</button></div>
    </div>`,
  })

const listView = ({ url, checkedAt, trouble }: Blocklist): Html =>
  html`<li>
    ${url}: read on
    ${toMinute(checkedAt)}${trouble !== undefined && `; not taken, because ${trouble}`}
  </li>`

function listsView(lists: readonly Blocklist[]): Html {
  return html`<h2 id="lists">Lists that are followed</h2>
    ${
      lists.length > 0 &&
      html`<ul class="facts">
          ${lists.map(listView)}
        </ul>
        <p class="fine">What they say comes on top.</p>`
    }
    <p class="fine">
      Typed to the bot, <code>blocklist</code> shows and changes lists of domains, and
      <code>policy-list</code> those of Matrix, with the accounts and servers that they name.
    </p>`
}

const more = (name: string, behind: string | undefined): Html =>
  html`${
    behind !== undefined &&
    html`<nav class="pager" aria-label="More of them">
      <a href="/admin/blocks?${name}=${encodeURIComponent(behind)}">More</a>
    </nav>`
  }`

/** Whom admins keep away. */
export function blocksView(blocks: AdminBlocks, viewer: Viewer): AdminView {
  const { domains, suspended, lists, isAllowList } = blocks
  return {
    title: 'Blocks',
    main: html`${
        isAllowList &&
        html`<div class="notice">
          <p>Only servers that an admin has let in by name come in here.</p>
        </div>`
      }
      <h2 id="domains">Servers</h2>
      ${
        domains.items.length === 0
          ? html`<p>
              No ${isAllowList ? 'server is let in or' : 'domain is'} blocked by an admin.
            </p>`
          : html`<ul class="list">
              ${domains.items.map((block) => domainView(block, viewer))}
            </ul>`
      }
      ${more('domain', domains.next)}
      <h3>Block a server, or let one in</h3>
      <div class="card">${blockForm(viewer)}</div>
      ${listsView(lists)}
      <h2 id="accounts">Accounts</h2>
      ${
        suspended.items.length === 0
          ? html`<p>No account is suspended.</p>`
          : html`<ul class="list">
              ${suspended.items.map((one) => suspendedView(one, viewer))}
            </ul>`
      }
      ${more('account', suspended.next)}
      <h3>Suspend an account</h3>
      <div class="card">${suspendForm(viewer)}</div>`,
  }
}
