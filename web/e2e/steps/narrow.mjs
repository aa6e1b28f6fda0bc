import { accessible, callAs, expect, settings, settled, shot } from '../support.mjs';

export async function narrow(story) {
  const { page } = story;
  const projects = (await callAs(page, 'GET', '/projects?limit=100')).body.items;
  const demo = projects.find((project) => project.name === 'Palmer penguins');
  const dashboards = (await callAs(page, 'GET', `/projects/${demo.id}/dashboards`)).body.items;
  const overview = dashboards.find((dashboard) => dashboard.title === 'Species overview');
  const places = ['/projects', `/projects/${demo.id}/dashboards/${overview.id}`, `/projects/${story.project}/collections/${story.collection}`, `/projects/${story.project}/members`, '/admin/users', '/admin/audit'];
  for (const width of [390, 1024]) {
    await page.setViewportSize({ width, height: 844 });
    for (const place of places) {
      await page.goto(settings.url + place);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      if (place.includes('/dashboards/')) {
        await settled(page);
        await shot(page, `dashboard-${width}`);
      }
      await page.waitForTimeout(300);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(over <= 0, `${place} is ${over} px too wide at ${width} px`);
      await accessible(page, `${place} at ${width} px`);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
