package config

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// ArchiveNone is the address of no archive.
const ArchiveNone = "none"

// DefaultMinFree is how much of a disk is left free by what grows beside paging.
const DefaultMinFree = 1 << 30

// archive reads the archive's address. No message quotes it: it may hold a
// password. Beside a store that is a file it is a file too, if nothing else is
// said. Several daemons cannot share a file.
func (r *reader) archive(v value, store string) string {
	v.note(noteType, "address of an archive")
	v.note(noteDefault, "sqlite:data/archive.db")
	file, beside := strings.CutPrefix(store, "bolt:")
	text, given := v.text()
	switch {
	case !given && beside:
		return "sqlite:" + filepath.Join(filepath.Dir(file), "archive.db")
	case !given || text == ArchiveNone:
		return ArchiveNone
	}
	if path, ok := strings.CutPrefix(text, "sqlite:"); ok {
		switch {
		case path == "" || strings.HasPrefix(path, "//"):
			v.errorf("sqlite: and the path of a file wanted, like sqlite:data/archive.db")
		case !beside:
			v.errorf("store is a Redis, which several daemons share, and they cannot share a file: postgres://…, or none")
		}
		return "sqlite:" + filepath.Clean(r.resolve(path))
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || scheme != "postgres" && scheme != "postgresql" {
		v.errorf("no such archive: sqlite:PATH, postgres://HOST/DATABASE or none wanted")
		return text
	}
	rest, query, _ := strings.Cut(rest, "?")
	hosts, _, _ := strings.Cut(rest[strings.LastIndex(rest, "@")+1:], "/")
	if user, _, found := strings.Cut(rest, "@"); found && strings.Contains(user, ":") || strings.Contains(query, "password=") {
		v.inline()
	}
	if !loopback(hosts) && !strings.Contains(query, "sslmode=verify-") {
		v.warnf("an archive on another host whose certificate is not checked: whoever is on the way can read it and change it; ?sslmode=verify-full wanted")
	}
	if r.opts.Archive != nil {
		if err := r.opts.Archive(text); err != nil {
			v.errorf("%v", err)
		}
	}
	return text
}

// ArchiveName is the archive's address without its secrets.
func (c *Config) ArchiveName() string { return withoutSecret(c.Archive) }

// evidenceTo reads where the heads of days are mailed to.
func (r *reader) evidenceTo(v value) (all []string) {
	if !v.given() {
		return nil
	}
	r.at["evidence_to"] = v
	for _, item := range v.list() {
		switch address := item.email(); {
		case address == "": // it was said
		case slices.Contains(all, address):
			item.errorf("%s is there twice", address)
		default:
			all = append(all, address)
		}
	}
	if len(all) > ticket.MaxEvidenceTo {
		v.errorf("%d at most", ticket.MaxEvidenceTo)
	}
	return all
}

// warnRetention says that nothing leaves before its ticket where there is no archive.
func (r *reader) warnRetention(cfg *Config) {
	if cfg.Archive != ArchiveNone {
		return
	}
	for _, key := range []string{"retention.pages", "retention.personal"} {
		if v, given := r.at[key]; given {
			v.warnf("without an archive they leave with their ticket")
		}
	}
}

// warnEvidence says why heads cannot be mailed.
func (r *reader) warnEvidence(cfg *Config) {
	if len(cfg.EvidenceTo) == 0 {
		return
	}
	if cfg.Mail == nil {
		r.at["evidence_to"].warnf("no mail can go there: there is no mail.smtp; the heads of days are in the log alone")
	}
	if cfg.Archive == ArchiveNone {
		r.at["evidence_to"].warnf("nothing will go there: without an archive nothing is sealed")
	}
}
