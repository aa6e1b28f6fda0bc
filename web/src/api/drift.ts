/**
 * Holds the page's view of the wire against the types generated from the server's OpenAPI document (`npm run types`).
 * Where the server gives less or other than the page reads, `npm run check` fails here, not a reader at run time.
 */
import type { components } from './schema';
import type * as page from './types';

type Wire = components['schemas'];
/** What the server gives must be readable as what the page expects. */
type Reads<Given extends Expected, Expected> = Given;
/** The document calls a field that may be null "not required"; the server sends it all the same, as null. */
type Sent<T> = { [Key in keyof T]-?: Exclude<T[Key], undefined> };

export type Checked = [
  Reads<Wire['UserBody'], page.User>,
  Reads<Wire['MeBody'], page.Me>,
  Reads<Sent<Wire['SessionBody']>, page.Session>,
  Reads<Sent<Wire['TokenViewBody']>, page.Token>,
  Reads<Sent<Wire['MadeTokenBody']>, page.MadeToken>,
  Reads<Sent<Wire['RegistrationBody']>, page.Registration>,
  Reads<Sent<Wire['SettingsBody']>, page.Settings>,
  Reads<Wire['UsageBody'], page.Usage>,
  Reads<Sent<Wire['PublicProjectBody']>, page.PublicProject>,
  Reads<Sent<Wire['ServiceBody']>, page.ServiceAccount>,
  Reads<Sent<Wire['MadeServiceBody']>, page.MadeServiceAccount>,
  Reads<Sent<Wire['LinkAnswer']>, page.LinkPurpose>,
  Reads<Wire['MadeLinkBody'], page.MadeLink>,
  Reads<Sent<Wire['InvitationBody']>, page.Invitation>,
  Reads<Wire['DirectoryEntry'], Omit<page.DirectoryEntry, 'kind'>>,
  Reads<Wire['MemberBody'], Omit<page.Member, 'kind'>>,
  Reads<Wire['ProjectBody'], Omit<page.Project, 'can'>>,
  Reads<Wire['Column'], page.Column>,
  Reads<Sent<Wire['CollectionBody']>, page.Collection>,
  Reads<Sent<Wire['VersionBody']>, page.Version>,
  Reads<Wire['VersionMade'], page.UploadResult>,
  Reads<Sent<Wire['Kept']>, page.Kept>,
  Reads<Sent<Wire['NoteBody']>, page.ColumnNote>,
  Reads<Omit<Sent<Wire['UploadPreviewBody']>, 'rows' | 'notes'>, Omit<page.UploadPreview, 'rows' | 'notes'>>,
  Reads<Sent<Wire['DistinctAnswer']>, Omit<page.Distinct, 'items'>>,
  Reads<Sent<Wire['Summary']>, page.DashboardSummary>,
  Reads<Wire['Widget'], page.Widget>,
  Reads<Wire['Layout'], page.Layout>,
  Reads<Sent<Wire['Revision']>, page.Revision>,
  Reads<Wire['FindingBody'], Omit<page.CodeCheck, 'code'>>,
  Reads<Wire['CodeModeBody'], page.Status['code_mode']>,
  Reads<Wire['ComponentAnswer'], Omit<page.Preview, 'result' | 'versions'>>,
  // And what the page sends must be what the server takes.
  Reads<page.Widget, Wire['Widget']>,
  Reads<page.Layout, Wire['Layout']>,
  Reads<page.SortKey, Wire['Sort']>,
  Reads<Omit<page.Filter, 'value' | 'values'>, Omit<Wire['RenderFilter'], 'value' | 'values'>>,
  Reads<Exclude<page.Content, page.FigureContent>, Wire['Content']>,
];
