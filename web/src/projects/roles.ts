/** The roles in a project, in words. */
export const ROLES = [
  { value: 'owner', label: 'Owner', hint: 'everything, members and deletion included' },
  { value: 'editor', label: 'Editor', hint: 'edits dashboards, collections and code' },
  { value: 'viewer', label: 'Viewer', hint: 'looks at dashboards and queries data' },
];

export const roleLabel = (role: string) => ROLES.find((item) => item.value === role)?.label ?? role;
