import { bioOf } from '../../model/actor.ts'
import { cleanHtml } from './clean-html.ts'
import { html, type Html } from './html.ts'
import { avatarOf, nameIn } from './post-view.ts'
import { followForm } from './profile-page.ts'
import { answerView } from './post-page.ts'
import type { Author, Post, Reference } from './read-post.ts'
import type { Tried } from './remote-form.ts'
import { counted } from './words.ts'

type Group = {
  readonly author: Author
  readonly followers: number
  /** The newest of it: of people here who are on pages, and links to what others wrote elsewhere. */
  readonly posts: readonly (Post | Reference)[]
  readonly tried: Tried | undefined
}

/** The page of a room: what it is, how to follow and join it, and what it told. Nobody else in it is named. */
export function groupPage({ author, followers, posts, tried }: Group, publicUrl: string): Html {
  const { actor, handle, page } = author
  const bio = bioOf(actor)
  const alias = actor.group?.alias
  const room =
    alias !== undefined &&
    html`<p>
      On Matrix:
      <a rel="nofollow noopener" href="https://matrix.to/#/${encodeURIComponent(alias)}"
        >${alias}</a
      >
    </p>`
  return html`<section class="card profile" aria-labelledby="name">
      <div class="banner plain"></div>
      <div class="inside">
        <div class="top">${avatarOf(author, 96)}</div>
        <h1 id="name">${nameIn(author, publicUrl)}</h1>
        <p class="handle"><a class="handle" href="${page}">${handle}</a></p>
        ${bio && html`<div class="words">${cleanHtml(bio.html, { publicUrl, emojis: [] })}</div>`}
        <p>
          This is a room on Matrix. Whoever follows ${handle} reads what those of its members write
          who agreed to that. A post that names ${handle} appears in the room.
        </p>
        ${room}
        <p class="fine">${counted(followers, 'follower', 'followers')}</p>
        ${followForm(author, tried)}
      </div>
    </section>
    ${
      posts.length > 0 &&
      html`<section aria-labelledby="posts">
        <h2 id="posts">Posts</h2>
        ${posts.map((one) => answerView(one, publicUrl))}
      </section>`
    }`
}
