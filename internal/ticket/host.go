package ticket

import "strings"

// Parted splits a title that begins with this host into where and what. Any
// other title is all what.
func Parted(title, host string) (where, what string) {
	if rest, ok := strings.CutPrefix(title, host+" "); ok && host != "" {
		return host, rest
	}
	return "", title
}

// BareHost is a host without its port number.
func BareHost(host string) string {
	i := strings.LastIndexByte(host, ':')
	if i <= 0 || i == len(host)-1 || len(host)-i > len(":65535") || strings.Trim(host[i+1:], "0123456789") != "" {
		return host
	}
	if strings.Contains(host[:i], ":") && host[i-1] != ']' {
		return host // it is an IPv6 address
	}
	return host[:i]
}

// DomainOf is what follows a host's own name. It is empty if nothing does:
// there is no domain, or it is an address or a URL.
func DomainOf(host string) string {
	host = BareHost(host)
	own, domain, _ := strings.Cut(host, ".")
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	if own == "" || strings.ContainsAny(host, "/: ") || strings.Trim(last, "0123456789") == "" {
		return ""
	}
	return domain
}

// SharedDomain is the part of a domain that a host is in too, in whole labels.
func SharedDomain(domain, host string) string {
	has := "." + DomainOf(host)
	for domain != "" && !strings.HasSuffix(has, "."+domain) {
		_, domain, _ = strings.Cut(domain, ".")
	}
	return domain
}
