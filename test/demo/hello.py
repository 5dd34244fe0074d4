import os, platform

print("6 * 7 =", 6 * 7, "says Python", platform.python_version())
print("your home folder:", "here" if os.path.exists("/home") else "not to be seen")
