import type { Dashboard, Project } from '@/api/types'; export function DashboardEditor(_: { project: Project; stored: Dashboard }) { return null; }
