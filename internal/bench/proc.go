package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// memory is what a process has of the machine's memory, in bytes.
type memory struct {
	own    float64 // all that is resident, except mapped
	mapped float64 // resident pages of the store's file
}

// memory reads a process's memory. file is the store's; empty if there is
// none.
func (p *process) memory(file string) (m memory, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", p.cmd.Process.Pid))
	if err != nil {
		return m, fmt.Errorf("memory of %s: %w", p.name, err)
	}
	ofFile := false
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		switch {
		case len(words) >= 5 && strings.Contains(words[0], "-"): // a mapping begins
			ofFile = file != "" && strings.HasSuffix(strings.TrimSpace(line), file)
		case len(words) == 3 && words[0] == "Rss:":
			kib, err := strconv.ParseFloat(words[1], 64)
			if err != nil {
				return m, fmt.Errorf("memory of %s: %w", p.name, err)
			}
			if ofFile {
				m.mapped += kib * 1024
			} else {
				m.own += kib * 1024
			}
		}
	}
	return m, nil
}

// ticks is the kernel's unit of a process's time: 10 ms wherever Linux runs
// (sysconf _SC_CLK_TCK).
const ticks = 10 * time.Millisecond

// cpu is the processor time of a subject and of its store's server.
func (s *subject) cpu() (time.Duration, error) {
	own, err := s.process.cpu()
	if err != nil || s.redis == nil {
		return own, err
	}
	beside, err := s.redis.cpu()
	return own + beside, err
}

// cpu is the time that a process has had of all cores, system calls included.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("time of %s: %w", p.name, err)
	}
	// See proc(5). The name may hold anything, so the fields count from its
	// closing bracket. The state is the third field; utime and stime are fields
	// 14 and 15.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("time of %s: %q", p.name, text)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return 0, fmt.Errorf("time of %s: %w", p.name, err)
	}
	return time.Duration(user+system) * ticks, nil
}
