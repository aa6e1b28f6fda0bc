/** The only place where markup is inserted: the `html` of a text component, sanitised by the server. */
import classes from './parts.module.css';

export function SanitisedHtml({ html }: { html: string }) {
  // eslint-disable-next-line no-restricted-syntax -- the server's sanitiser made this string
  return <div className={classes.prose} dangerouslySetInnerHTML={{ __html: html }} />;
}
