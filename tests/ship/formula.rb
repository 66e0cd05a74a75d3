# formula.rb FORMULA DIRECTORY: reads a formula as Homebrew would on each platform and prints what it downloads there, then runs
# its `install` and its `test` in DIRECTORY, where the files of an archive are.
#
# Only what our formula uses is here; anything else is an error. Source: https://docs.brew.sh/Formula-Cookbook, read November 2026.
require "fileutils"
require "open3"
require "pathname"

class Place < Pathname
  def +(other) = Place.new(super)
  def /(other) = self + other.to_s

  def install(*paths)
    paths.flatten.each do |path|
      mkpath
      FileUtils.cp(path, self)
    end
  end

  def write(text)
    dirname.mkpath
    super
  end
end

class Formula
  class << self
    def desc(text) = text.length < 80 || raise("desc is too long")
    def homepage(_) = nil
    def license(_) = nil
    def version(text = @version) = @version = text
    def url(text) = $found[:url] = text
    def sha256(text) = $found[:sha256] = text
    def test(&block) = define_method(:run_test, &block)
    def on_macos = $platform.include?("macos") && yield
    def on_linux = $platform.include?("linux") && yield
    def on_arm = $platform.include?("arm") && yield
    def on_intel = $platform.include?("intel") && yield
  end

  def initialize(root) = @root = Place.new(root)
  def buildpath = @root / "build"
  def bin = @root / "prefix/bin"
  def man1 = @root / "prefix/share/man/man1"
  def testpath = (@root / "test").tap(&:mkpath)
  def version = self.class.version

  def system(*command)
    out, status = Open3.capture2e(*command.map(&:to_s))
    raise "#{command.join(" ")}: #{status.exitstatus}: #{out}" unless status.success?
  end

  def shell_output(command)
    out, status = Open3.capture2(command)
    raise command unless status.success?

    out
  end

  def generate_completions_from_executable(binary, *arguments)
    { bash: "etc/bash_completion.d/keystrel", zsh: "share/zsh/site-functions/_keystrel", fish: "share/fish/vendor_completions.d/keystrel.fish" }
      .each { |shell, path| (@root / "prefix" / path).write(shell_output([binary, *arguments, shell].join(" "))) }
  end

  def assert_match(expected, actual) = actual.include?(expected) || raise("no #{expected} in #{actual}")
end

formula, directory = ARGV
["macos arm", "macos intel", "linux arm", "linux intel"].each do |platform|
  $platform = platform
  $found = {}
  load formula
  puts "#{platform} #{$found.fetch(:url)} #{$found.fetch(:sha256)}"
end
made = Keystrel.new(directory)
Dir.chdir(made.buildpath) { made.install }
made.run_test
