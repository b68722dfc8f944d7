# rewrite.pl CGROUP FROM:TO ... : from now on, processes of the control group (of version 2) that listen on TCP port FROM listen on TO
# instead, and reach FROM of this machine at TO. The programs go with the group. Perl, as it can call the kernel's bpf() by itself.
# Reference: bpf(2), BPF_PROG_TYPE_CGROUP_SOCK_ADDR, struct bpf_sock_addr of linux/bpf.h.
use strict;
use warnings;
use POSIX ();

my ($cgroup, @pairs) = @ARGV;
my %calls = (x86_64 => 321, aarch64 => 280);
my $bpf = $calls{(POSIX::uname())[4]} or die "no number of bpf() is known for this machine\n";

# Offsets in struct bpf_sock_addr.
my ($IP4, $IP6, $PORT, $TYPE) = (4, 8, 24, 32);
my ($BIND4, $BIND6, $CONNECT4, $CONNECT6) = (8, 9, 10, 11);
my ($PROG_LOAD, $PROG_ATTACH, $SOCK_ADDR, $ALLOW_MULTI, $STREAM) = (5, 8, 18, 2, 1);

sub net16 { unpack('S', pack('n', $_[0])) }
sub net32 { unpack('L', pack('N', $_[0])) }
my ($LOOPBACK, $MAPPED) = (net32(0x7f000001), net32(0x0000ffff));

sub insn { my ($code, $dst, $src, $off, $imm) = @_; pack('CCsL', $code, $dst | ($src << 4), $off, $imm) }
sub load { my ($reg, $off) = @_; insn(0x61, $reg, 6, $off, 0) }
sub set { my ($off, $imm) = @_; (insn(0xb4, 3, 0, 0, $imm), insn(0x63, 6, 3, $off, 0)) }
sub equal { ['jump', 0x16, @_] }
sub unequal { ['jump', 0x56, @_] }
sub label { ['label', $_[0]] }
my @allow = (insn(0xb7, 0, 0, 0, 1), insn(0x95, 0, 0, 0, 0));

sub assemble {
  my (%at, @code);
  for (@_) {
    if (ref $_ && $_->[0] eq 'label') { $at{$_->[1]} = @code } else { push @code, $_ }
  }
  my $text = '';
  for my $i (0 .. $#code) {
    my $each = $code[$i];
    $text .= ref $each ? insn($each->[1], $each->[2], 0, $at{$each->[4]} - $i - 1, $each->[3]) : $each;
  }
  return $text;
}

# Only streams, and only what passes the check of the address.
sub program {
  my @check = @_;
  my (@tests, @stores);
  for (@pairs) {
    my ($from, $to) = /^(\d+):(\d+)$/ or die "$_ is no pair of ports\n";
    push @tests, equal(2, net16($from), "port $from");
    push @stores, label("port $from"), set($PORT, net16($to)), @allow;
  }
  return assemble(insn(0xbf, 6, 1, 0, 0), load(2, $TYPE), unequal(2, $STREAM, 'allow'), @check,
    label('ports'), load(2, $PORT), @tests, label('allow'), @allow, @stores);
}
my @local4 = (load(2, $IP4), equal(2, 0, 'ports'), unequal(2, $LOOPBACK, 'allow'));
my @local6 = (
  load(2, $IP6), unequal(2, 0, 'allow'), load(2, $IP6 + 4), unequal(2, 0, 'allow'), load(4, $IP6 + 12),
  load(2, $IP6 + 8), equal(2, 0, 'plain'), unequal(2, $MAPPED, 'allow'), equal(4, $LOOPBACK, 'ports'), unequal(4, 0, 'allow'),
  label('plain'), equal(4, 0, 'ports'), unequal(4, net32(1), 'allow'),
);
my %programs = ($BIND4 => program(), $BIND6 => program(), $CONNECT4 => program(@local4), $CONNECT6 => program(@local6));

defined(my $group = POSIX::open($cgroup, POSIX::O_RDONLY)) or die "$cgroup: $!\n";
for my $type (sort { $a <=> $b } keys %programs) {
  my ($code, $license) = ($programs{$type}, "Apache-2.0\0");
  my $load = pack('LLQQLLQLLa16LL', $SOCK_ADDR, length($code) / 8, map({ unpack('Q', pack('P', $_)) } $code, $license),
    0, 0, 0, 0, 0, 'slipway_ports', 0, $type);
  my $loaded = syscall($bpf, $PROG_LOAD, $load, length $load);
  die "the kernel refuses the program: $!\n" if $loaded < 0;
  my $attach = pack('LLLL', $group, $loaded, $type, $ALLOW_MULTI);
  syscall($bpf, $PROG_ATTACH, $attach, length $attach) >= 0 or die "the program cannot be attached: $!\n";
}
