/** A readable name for a user agent; unknown ones stay as they are. */
export function deviceName(agent: string | null): string {
  if (!agent) return 'Unknown program';
  const browser = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox' : /Chrom(e|ium)\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : null;
  const system = /Windows/.test(agent) ? 'Windows' : /Android/.test(agent) ? 'Android' : /(iPhone|iPad)/.test(agent) ? 'iOS' : /Mac OS X/.test(agent) ? 'macOS' : /Linux/.test(agent) ? 'Linux' : null;
  if (!browser) return agent.slice(0, 80);
  return system ? `${browser} on ${system}` : browser;
}
