# Sets up what is missing, then starts the demo on Windows 10 or newer: run.ps1 [ARGS] is `jinpu-desk demo ARGS`.
# JINPU_PYTHON names the Python to use. A second call finds everything in place and starts at once.
$ErrorActionPreference = "Stop"
$root = Split-Path -Parent $PSScriptRoot
Set-Location $root

function Stop-With([string[]] $Lines) {
    foreach ($line in $Lines) { [Console]::Error.WriteLine($line) }
    exit 3
}

function Test-Python([string] $Exe) {
    if (-not $Exe -or -not (Get-Command $Exe -ErrorAction SilentlyContinue)) { return $false }
    & $Exe -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>$null
    return $LASTEXITCODE -eq 0
}

function Install-Packages([string[]] $Arguments) {
    foreach ($attempt in 1, 2) {
        & $venvPython -m pip install --quiet --disable-pip-version-check --no-input @Arguments
        if ($LASTEXITCODE -eq 0) { return }
        if ($attempt -eq 1) { [Console]::Error.WriteLine("The download did not finish; trying once more.") }
    }
    Stop-With "The packages could not be installed.", "依赖包安装失败，请检查网络或内网软件源设置（pip 配置）后重试。"
}

$python = @($env:JINPU_PYTHON, "python", "python3") | Where-Object { Test-Python $_ } | Select-Object -First 1
if (-not $python) {
    Stop-With "Python 3.11 or newer was not found.", "未找到 Python 3.11 或更高版本，请先安装。"
}

$lock = "installer\lock\desk.lock"
$venvPython = Join-Path $root ".venv\Scripts\python.exe"
$desk = Join-Path $root ".venv\Scripts\jinpu-desk.exe"
$stamp = Join-Path $root ".venv\jinpu-desk.stamp"
$now = @(
    (& $python -V)
    (Get-FileHash -Algorithm SHA256 pyproject.toml).Hash
    (Get-FileHash -Algorithm SHA256 $lock).Hash
    $root
) -join "`n"

$ready = (Test-Path $desk) -and (Test-Path $stamp) -and ((Get-Content -Raw -Encoding UTF8 $stamp) -eq $now)
if (-not $ready) {
    [Console]::Error.WriteLine("Preparing .venv; the first time takes a few minutes. 正在准备运行环境，首次需要几分钟。")
    if (Test-Path $stamp) { Remove-Item $stamp }
    & $python -m venv .venv
    if ($LASTEXITCODE -ne 0) { Stop-With "The environment could not be made.", "运行环境创建失败。" }
    Install-Packages @("--require-hashes", "--only-binary", ":all:", "--requirement", $lock)
    Install-Packages @("--no-deps", "--no-build-isolation", "--editable", ".")
    Set-Content -NoNewline -Encoding UTF8 -Path $stamp -Value $now
}

& $desk demo @args
exit $LASTEXITCODE
