Console.Error.WriteLine("wopr: no commands yet");
return 2;
