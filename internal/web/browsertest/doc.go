// Package browsertest opens pages in a real Chromium for tests: one browser, tabs
// with profiles of their own, screens of a size and a theme, pictures of them, and
// what axe-core and a few rules of our own find wrong on a page.
//
// It needs chromium of Debian's package of that name, and fails the test if it is
// missing.
package browsertest
